# The endpoint: an internal load balancer that speaks TLS to clients and to the nodes.

resource "aws_lb" "this" {
  name                             = var.name
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = local.make_vpc ? aws_subnet.private[*].id : var.subnet_ids
  security_groups                  = [aws_security_group.lb.id]
  enable_cross_zone_load_balancing = true # all nodes may stand in the one zone that had capacity
  tags                             = merge(local.tags, { Name = var.name })

  access_logs {
    enabled = true
    bucket  = aws_s3_bucket_policy.weights.bucket
    prefix  = "access-logs"
  }

  lifecycle {
    precondition {
      condition     = local.make_records || alltrue([for input in local.record_inputs : input == null])
      error_message = "The zone_id, record_name and primary_endpoint make the failover record together: give all three or none."
    }
  }
}

resource "aws_lb_target_group" "this" {
  name                 = var.name
  port                 = var.api_port
  protocol             = "TLS"
  target_type          = "instance"
  vpc_id               = local.make_vpc ? aws_vpc.this[0].id : var.vpc_id
  deregistration_delay = 300 # answers in flight may end before an instance goes
  tags                 = merge(local.tags, { Name = var.name })

  health_check {
    protocol            = "HTTPS"
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 6
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "TLS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}
