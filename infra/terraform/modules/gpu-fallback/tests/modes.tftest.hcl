# What stands by in each mode, and how long a start may take.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
}

variables {
  name               = "fb"
  model              = "meta-llama/Llama-3.3-70B-Instruct"
  weights_revision   = "6f6073b423013f6a7d4d9f39144961bfbfbc386b"
  image              = "vllm/vllm-openai:v0.11.0"
  instance_types     = ["g6e.12xlarge", "p5.48xlarge"]
  ami_id             = "ami-0123456789abcdef0"
  availability_zones = ["us-east-1a", "us-east-1b"]
  certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
}

run "cold_has_no_instance" {
  command = plan

  assert {
    condition     = aws_autoscaling_group.this.min_size == 0 && aws_autoscaling_group.this.desired_capacity == 0 && length(aws_autoscaling_group.this.warm_pool) == 0
    error_message = "cold must stand by with nothing"
  }

  assert {
    condition     = aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_base_capacity == 1
    error_message = "the first instance is on-demand"
  }

  assert {
    condition     = join(" ", [for o in aws_autoscaling_group.this.mixed_instances_policy[0].launch_template[0].override : o.instance_type]) == "g6e.12xlarge p5.48xlarge"
    error_message = "the types keep their order"
  }

  assert {
    condition     = aws_autoscaling_group.this.capacity_rebalance
    error_message = "spot that is about to go is replaced"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.awake) == 1
    error_message = "asleep is its rest: hours awake are watched"
  }
}

run "warm_keeps_stopped_on_demand_instances" {
  command = plan

  variables {
    mode         = "warm"
    warm_size    = 2
    spot_percent = 100
  }

  assert {
    condition     = aws_autoscaling_group.this.min_size == 0 && aws_autoscaling_group.this.warm_pool[0].min_size == 2 && aws_autoscaling_group.this.warm_pool[0].pool_state == "Stopped"
    error_message = "two stopped instances, none in service"
  }

  assert {
    condition     = aws_autoscaling_group.this.warm_pool[0].instance_reuse_policy[0].reuse_on_scale_in
    error_message = "who sleeps goes back into the pool"
  }

  assert {
    condition     = aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_base_capacity == 4
    error_message = "no spot in a warm pool: the base is max_size"
  }

  assert {
    condition     = !aws_autoscaling_group.this.capacity_rebalance
    error_message = "nothing to rebalance without spot"
  }
}

run "hot_serves_all_the_time" {
  command = plan

  variables {
    mode     = "hot"
    hot_size = 2
  }

  assert {
    condition     = aws_autoscaling_group.this.min_size == 2 && aws_autoscaling_group.this.desired_capacity == 2 && length(aws_autoscaling_group.this.warm_pool) == 0
    error_message = "two in service"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.awake) == 0
    error_message = "awake is its rest"
  }
}

run "grace_and_hook_follow_the_expected_start" {
  command = plan

  variables {
    expected_start_max_s = 2400
  }

  assert {
    condition     = aws_autoscaling_group.this.health_check_grace_period == 3000
    error_message = "2400 s and a quarter"
  }

  assert {
    condition     = one(aws_autoscaling_group.this.initial_lifecycle_hook).heartbeat_timeout == 3000
    error_message = "the hook waits as long"
  }

  assert {
    condition     = aws_autoscaling_policy.wake.estimated_instance_warmup == 3000
    error_message = "nobody counts on it earlier"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.unserved.evaluation_periods == 55
    error_message = "3000 s are 50 minutes, and 5"
  }
}

run "an_own_start_timeout_is_taken" {
  command = plan

  variables {
    expected_start_max_s = 900
    start_timeout_s      = 900
  }

  assert {
    condition     = aws_autoscaling_group.this.health_check_grace_period == 900
    error_message = "exactly the expected start is enough"
  }
}
