# The least that must be said: what is served, on what, and under which certificate. It sleeps until it is woken.

provider "aws" {
  region = "us-east-1"
}

module "fallback" {
  source = "../.."

  name               = "fb"
  model              = "meta-llama/Llama-3.3-70B-Instruct"
  weights_revision   = "6f6073b423013f6a7d4d9f39144961bfbfbc386b"
  image              = "vllm/vllm-openai:v0.11.0"
  instance_types     = ["g6e.12xlarge"]
  ami_id             = var.ami_id
  availability_zones = ["us-east-1a", "us-east-1b"]
  certificate_arn    = var.certificate_arn
}

variable "ami_id" {
  description = "A Deep Learning Base GPU AMI of the region."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of the name under which clients call the endpoint."
  type        = string
}

output "fallback" {
  description = "All outputs of the module."
  value       = module.fallback
}
