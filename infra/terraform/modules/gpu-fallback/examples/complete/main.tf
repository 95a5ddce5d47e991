# Every input: warm stand-by in three zones without internet, an image in ECR, reserved capacity, and a failover record.

provider "aws" {
  region = "us-east-1"
}

module "fallback" {
  source = "../.."

  name             = "fallback-prod"
  mode             = "warm"
  model            = "meta-llama/Llama-3.3-70B-Instruct"
  weights_revision = "6f6073b423013f6a7d4d9f39144961bfbfbc386b"
  image            = "123456789012.dkr.ecr.us-east-1.amazonaws.com/vllm-openai:v0.11.0"
  max_model_len    = 16384
  vllm_args        = ["--max-num-seqs", "64"]

  instance_types          = ["g6e.12xlarge", "p4d.24xlarge", "p5.48xlarge"]
  ami_id                  = var.ami_id
  root_device_name        = "/dev/sda1"
  volume_size_gb          = 400
  volume_iops             = 8000
  volume_throughput_mib_s = 1000
  capacity_reservation_id = var.capacity_reservation_id

  max_size                = 6
  hot_size                = 2
  warm_size               = 2
  on_demand_base          = 2
  spot_percent            = 50
  waiting_requests_target = 4

  expected_start_max_s = 2400
  start_timeout_s      = 3600

  vpc_cidr           = "10.60.0.0/20"
  availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
  egress             = "endpoints"
  client_cidrs       = ["10.60.0.0/20", "10.0.0.0/16"]
  certificate_arn    = var.certificate_arn
  api_port           = 8080

  zone_id             = var.zone_id
  record_name         = "llm.example.com"
  primary_endpoint    = "gateway.example.com"
  primary_health_path = "/healthz"

  max_awake_hours = 8
  log_days        = 90
  alarm_email     = "oncall@example.com"
  force_destroy   = true
  tags            = { Team = "platform" }
}

variable "ami_id" {
  description = "A Deep Learning Base GPU AMI of the region."
  type        = string
}

variable "capacity_reservation_id" {
  description = "Reserved on-demand capacity."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of llm.example.com."
  type        = string
}

variable "zone_id" {
  description = "Hosted zone of example.com."
  type        = string
}

output "fallback" {
  description = "All outputs of the module."
  value       = module.fallback
}
