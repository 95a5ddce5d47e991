# Each input at its worst is refused, by name.

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

# name too short, unknown mode, model with spaces, moving revision, image without tag, context too short, argument of two words, no instance type, no ami, no device, small volume, slow iops, throughput out of range, no reservation, no instances at most, hot of none, warm of none, negative base, spot over all, no target, start too quick, timeout too long, no subnet, range too small, zone twice, no way out, public clients, no certificate, privileged port, path without slash, awake for days, days that cloudwatch does not know
run "inputs_are_refused_1" {
  command = plan

  variables {
    name                    = "f"
    mode                    = "tepid"
    model                   = "my model"
    weights_revision        = "main"
    image                   = "vllm/vllm-openai"
    max_model_len           = 1023
    vllm_args               = ["--max-num-seqs 64"]
    instance_types          = []
    ami_id                  = "ubuntu"
    root_device_name        = "xvda"
    volume_size_gb          = 49
    volume_iops             = 2999
    volume_throughput_mib_s = 1001
    capacity_reservation_id = "res-1"
    max_size                = 0
    hot_size                = 0
    warm_size               = 0
    on_demand_base          = -1
    spot_percent            = 101
    waiting_requests_target = 0
    expected_start_max_s    = 299
    start_timeout_s         = 7201
    subnet_ids              = ["private"]
    vpc_cidr                = "10.0.0.0/23"
    availability_zones      = ["us-east-1a", "us-east-1a"]
    egress                  = "none"
    client_cidrs            = ["0.0.0.0/0"]
    certificate_arn         = "none"
    api_port                = 80
    primary_health_path     = "health"
    max_awake_hours         = 25
    log_days                = 31
  }

  expect_failures = [
    var.name,
    var.mode,
    var.model,
    var.weights_revision,
    var.image,
    var.max_model_len,
    var.vllm_args,
    var.instance_types,
    var.ami_id,
    var.root_device_name,
    var.volume_size_gb,
    var.volume_iops,
    var.volume_throughput_mib_s,
    var.capacity_reservation_id,
    var.max_size,
    var.hot_size,
    var.warm_size,
    var.on_demand_base,
    var.spot_percent,
    var.waiting_requests_target,
    var.expected_start_max_s,
    var.start_timeout_s,
    var.subnet_ids,
    var.vpc_cidr,
    var.availability_zones,
    var.egress,
    var.client_cidrs,
    var.certificate_arn,
    var.api_port,
    var.primary_health_path,
    var.max_awake_hours,
    var.log_days,
  ]
}

# name with capitals, image latest, argument of the module, instance type twice, start too slow
run "inputs_are_refused_2" {
  command = plan

  variables {
    name                 = "Fallback"
    image                = "vllm/vllm-openai:latest"
    vllm_args            = ["--api-key=x"]
    instance_types       = ["p5.48xlarge", "p5.48xlarge"]
    expected_start_max_s = 5761
  }

  expect_failures = [
    var.name,
    var.image,
    var.vllm_args,
    var.instance_types,
    var.expected_start_max_s,
  ]
}

# name too long, no instance type at all
run "inputs_are_refused_3" {
  command = plan

  variables {
    name           = "aaaaaaaaaaaaaaaaaaaaaa"
    instance_types = ["large"]
  }

  expect_failures = [
    var.name,
    var.instance_types,
  ]
}

# name ends with a dash
run "inputs_are_refused_4" {
  command = plan

  variables {
    name = "fb-"
  }

  expect_failures = [
    var.name,
  ]
}

run "throughput_over_a_quarter_of_iops_is_refused" {
  command = plan

  variables {
    volume_throughput_mib_s = 1000
    volume_iops             = 3999
  }

  expect_failures = [aws_launch_template.node]
}

run "hot_over_max_is_refused" {
  command = plan

  variables {
    hot_size = 5
  }

  expect_failures = [aws_autoscaling_group.this]
}

run "warm_over_max_is_refused" {
  command = plan

  variables {
    warm_size = 5
  }

  expect_failures = [aws_autoscaling_group.this]
}

run "timeout_below_the_expected_start_is_refused" {
  command = plan

  variables {
    start_timeout_s      = 965
    expected_start_max_s = 966
  }

  expect_failures = [aws_launch_template.node]
}

run "no_vpc_is_refused" {
  command = plan

  variables {
    vpc_id       = "main"
    subnet_ids   = ["subnet-0123456789abcdef0"]
    client_cidrs = ["10.0.0.0/8"]
  }

  expect_failures = [var.vpc_id]
}

run "vpc_without_subnets_is_refused" {
  command = plan

  variables {
    vpc_id       = "vpc-0123456789abcdef0"
    client_cidrs = ["10.0.0.0/8"]
  }

  expect_failures = [aws_autoscaling_group.this]
}

run "vpc_without_clients_is_refused" {
  command = plan

  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0123456789abcdef0"]
  }

  expect_failures = [aws_security_group.lb]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    availability_zones = ["us-east-1a"]
  }

  expect_failures = [aws_vpc.this]
}

run "image_that_endpoints_do_not_reach_is_refused" {
  command = plan

  variables {
    egress = "endpoints"
  }

  expect_failures = [aws_launch_template.node]
}

run "zone_without_record_is_refused" {
  command = plan

  variables {
    zone_id = "Z0123456789ABCDEFGHIJ"
  }

  expect_failures = [aws_lb.this]
}

run "a_range_that_only_begins_privately_is_refused" {
  command = plan

  variables {
    client_cidrs = ["10.0.0.0/7"]
  }

  expect_failures = [var.client_cidrs]
}
