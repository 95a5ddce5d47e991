# The network of its own, an existing one, and the record.

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

run "a_vpc_of_its_own_leaves_by_nat_in_each_zone" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 2 && length(aws_route.private) == 2
    error_message = "one gateway a zone"
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0
    error_message = "no interface endpoint"
  }

  assert {
    condition     = join(" ", aws_subnet.private[*].cidr_block) == "10.42.0.0/20 10.42.16.0/20"
    error_message = "private ranges"
  }

  assert {
    condition     = join(" ", aws_subnet.public[*].cidr_block) == "10.42.128.0/20 10.42.144.0/20"
    error_message = "public ranges"
  }

  assert {
    condition     = !anytrue(aws_subnet.public[*].map_public_ip_on_launch)
    error_message = "nothing gets a public address by default"
  }

  assert {
    condition     = aws_lb.this.internal
    error_message = "the endpoint is not public"
  }
}

run "endpoints_instead_of_internet" {
  command = plan

  variables {
    egress = "endpoints"
    image  = "123456789012.dkr.ecr.us-east-1.amazonaws.com/vllm:v0.11.0"
  }

  assert {
    condition     = length(aws_internet_gateway.this) == 0 && length(aws_nat_gateway.this) == 0 && length(aws_subnet.public) == 0
    error_message = "no way to the internet"
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 10
    error_message = "ten services"
  }
}

run "an_existing_vpc_is_used_and_not_changed" {
  command = plan

  variables {
    vpc_id             = "vpc-0123456789abcdef0"
    subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    client_cidrs       = ["10.0.0.0/8"]
    availability_zones = []
  }

  assert {
    condition     = length(aws_vpc.this) == 0 && length(aws_subnet.private) == 0 && length(aws_vpc_endpoint.s3) == 0 && length(aws_flow_log.this) == 0
    error_message = "nothing of a network is made"
  }

  assert {
    condition     = toset(aws_autoscaling_group.this.vpc_zone_identifier) == toset(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"])
    error_message = "nodes in its subnets"
  }

  assert {
    condition     = aws_lb_target_group.this.vpc_id == "vpc-0123456789abcdef0"
    error_message = "targets in it"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.lb[0].cidr_ipv4 == "10.0.0.0/8"
    error_message = "clients as told"
  }
}

run "a_failover_record_where_a_zone_is_given" {
  command = plan

  variables {
    zone_id          = "Z0123456789ABCDEFGHIJ"
    record_name      = "llm.example.com"
    primary_endpoint = "gateway.example.com"
  }

  assert {
    condition     = aws_route53_record.primary[0].records == toset(["gateway.example.com"])
    error_message = "the primary"
  }

  assert {
    condition     = one(aws_route53_record.fallback[0].failover_routing_policy).type == "SECONDARY"
    error_message = "the fallback second"
  }
}

run "no_record_without_a_zone" {
  command = plan

  assert {
    condition     = length(aws_route53_record.primary) == 0 && length(aws_route53_health_check.primary) == 0
    error_message = "no DNS"
  }
}
