# The nodes: how one starts, how many there are, and who wakes them.

locals {
  # A quarter in reserve: a node that is judged while it still starts would be replaced for ever.
  start_timeout_s = var.start_timeout_s == null ? ceil(var.expected_start_max_s * 1.25) : var.start_timeout_s

  min_size = var.mode == "hot" ? var.hot_size : 0
  # A warm pool keeps on-demand instances only: what spot does when it is stopped and taken away is untested.
  on_demand_base = var.mode == "warm" ? var.max_size : var.on_demand_base

  # What a drill must name, so that a gate can ask for one of what is deployed.
  group_tags = merge(local.tags, {
    Name                      = var.name
    "llmops:mode"             = var.mode
    "llmops:model"            = var.model
    "llmops:weights-revision" = var.weights_revision
    "llmops:image"            = var.image
    "llmops:resting-size"     = tostring(local.min_size)
  })
}

resource "aws_launch_template" "node" {
  name                   = "${var.name}-node"
  description            = "GPU node of ${var.name}"
  image_id               = var.ami_id
  update_default_version = true
  user_data = base64encode(templatefile("${path.module}/templates/user_data.sh.tftpl", {
    name             = var.name
    region           = local.region
    bucket           = aws_s3_bucket.weights.id
    secret_arn       = aws_secretsmanager_secret.api_key.arn
    log_group        = aws_cloudwatch_log_group.vllm.name
    model            = var.model
    weights_revision = var.weights_revision
    image            = var.image
    max_model_len    = var.max_model_len
    vllm_args        = join(" ", var.vllm_args)
    api_port         = var.api_port
    start_timeout_s  = local.start_timeout_s
  }))
  vpc_security_group_ids = [aws_security_group.node.id]
  tags                   = merge(local.tags, { Name = "${var.name}-node" })

  iam_instance_profile {
    arn = aws_iam_instance_profile.node.arn
  }

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
    # One hop: the node itself. The container is a hop further and gets no credentials of the node.
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = var.root_device_name

    ebs {
      volume_type           = "gp3"
      volume_size           = var.volume_size_gb
      iops                  = var.volume_iops
      throughput            = var.volume_throughput_mib_s
      encrypted             = true
      delete_on_termination = true
    }
  }

  dynamic "capacity_reservation_specification" {
    for_each = var.capacity_reservation_id == null ? [] : [var.capacity_reservation_id]

    content {
      capacity_reservation_target {
        capacity_reservation_id = capacity_reservation_specification.value
      }
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = merge(local.tags, { Name = "${var.name}-node" })
  }

  tag_specifications {
    resource_type = "volume"
    tags          = merge(local.tags, { Name = "${var.name}-node" })
  }

  lifecycle {
    precondition {
      condition     = local.start_timeout_s >= var.expected_start_max_s
      error_message = "The start_timeout_s (${local.start_timeout_s}) must be at least expected_start_max_s (${var.expected_start_max_s}): nodes that still start would be replaced for ever."
    }

    precondition {
      condition     = var.volume_throughput_mib_s * 4 <= var.volume_iops
      error_message = "The volume_throughput_mib_s must be at most a quarter of volume_iops, as gp3 demands."
    }

    precondition {
      condition     = var.egress == "nat" || !local.make_vpc || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.", var.image))
      error_message = "With egress = \"endpoints\" the image must be in ECR: no other registry can be reached."
    }
  }
}

resource "aws_autoscaling_group" "this" {
  name                      = var.name
  min_size                  = local.min_size
  max_size                  = var.max_size
  desired_capacity          = local.min_size
  vpc_zone_identifier       = local.make_vpc ? aws_subnet.private[*].id : var.subnet_ids
  target_group_arns         = [aws_lb_target_group.this.arn]
  health_check_type         = "ELB"
  health_check_grace_period = local.start_timeout_s
  capacity_rebalance        = var.mode != "warm"
  wait_for_capacity_timeout = "0" # an apply does not wait for GPUs; `llmops infra wake` does
  metrics_granularity       = "1Minute"
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTotalInstances", "WarmPoolTotalCapacity"]

  # From before the first instance: it holds every one until the disk is ready (warm pool) or vLLM answers (service).
  initial_lifecycle_hook {
    name                 = "launch"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
    default_result       = "ABANDON"
    heartbeat_timeout    = local.start_timeout_s
  }

  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = local.on_demand_base
      on_demand_percentage_above_base_capacity = 100 - var.spot_percent
      on_demand_allocation_strategy            = "prioritized"
      spot_allocation_strategy                 = "price-capacity-optimized"
    }

    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.node.id
        version            = aws_launch_template.node.latest_version
      }

      dynamic "override" {
        for_each = var.instance_types

        content {
          instance_type = override.value
        }
      }
    }
  }

  dynamic "warm_pool" {
    for_each = var.mode == "warm" ? [var.warm_size] : []

    content {
      pool_state                  = "Stopped"
      min_size                    = warm_pool.value
      max_group_prepared_capacity = var.max_size

      instance_reuse_policy {
        reuse_on_scale_in = true # back into the pool, with its weights, instead of terminated
      }
    }
  }

  dynamic "tag" {
    for_each = local.group_tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = false # the launch template tags instances and volumes
    }
  }

  lifecycle {
    ignore_changes = [desired_capacity] # awake or asleep is not the business of an apply

    precondition {
      condition     = local.make_vpc || length(var.subnet_ids) > 0
      error_message = "With vpc_id, subnet_ids must name private subnets of it."
    }

    precondition {
      condition     = var.hot_size <= var.max_size && var.warm_size <= var.max_size
      error_message = "The hot_size and warm_size must be at most max_size (${var.max_size})."
    }
  }
}

# Wakes from zero and only from zero: its alarm rings while there is demand and no capacity is desired. It adds one, so
# that an alarm that repeats, or that comes late, never takes an instance away.
resource "aws_autoscaling_policy" "wake" {
  name                      = "${var.name}-wake"
  autoscaling_group_name    = aws_autoscaling_group.this.name
  policy_type               = "StepScaling"
  adjustment_type           = "ChangeInCapacity"
  metric_aggregation_type   = "Maximum"
  estimated_instance_warmup = local.start_timeout_s

  step_adjustment {
    scaling_adjustment          = 1
    metric_interval_lower_bound = 0
  }
}

# Grows with the queue and never shrinks: an empty queue during an outage is no reason to sleep. `llmops infra sleep`,
# or the end of the lease, is.
resource "aws_autoscaling_policy" "queue" {
  name                      = "${var.name}-queue"
  autoscaling_group_name    = aws_autoscaling_group.this.name
  policy_type               = "TargetTrackingScaling"
  estimated_instance_warmup = local.start_timeout_s

  target_tracking_configuration {
    target_value     = var.waiting_requests_target
    disable_scale_in = true

    customized_metric_specification {
      namespace   = "LLMOps/vLLM"
      metric_name = "num_requests_waiting"
      statistic   = "Average"

      metric_dimension {
        name  = "Stack"
        value = var.name
      }
    }
  }
}
