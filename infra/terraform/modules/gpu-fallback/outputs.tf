output "group_name" {
  description = "Auto Scaling group: what `llmops infra wake` wakes."
  value       = aws_autoscaling_group.this.name
}

output "endpoint" {
  description = "Base URL of the API. Without a record of its own, point a name that the certificate covers to load_balancer_dns_name."
  value       = var.record_name == null ? "https://${aws_lb.this.dns_name}/v1" : "https://${var.record_name}/v1"
}

output "load_balancer_dns_name" {
  description = "Name of the load balancer, for a record of your own."
  value       = aws_lb.this.dns_name
}

output "bucket" {
  description = "Bucket of the weights: put them into weights/MODEL/REVISION/."
  value       = aws_s3_bucket.weights.id
}

output "weights_uri" {
  description = "Where the nodes read the weights from."
  value       = "s3://${aws_s3_bucket.weights.id}/weights/${var.model}/${var.weights_revision}/"
}

output "secret_arn" {
  description = "Secret that must hold the key of the API; its value is set by a person."
  value       = aws_secretsmanager_secret.api_key.arn
}

output "log_group_name" {
  description = "Where vLLM logs to."
  value       = aws_cloudwatch_log_group.vllm.name
}

output "topic_arn" {
  description = "Topic that the alarms write to."
  value       = aws_sns_topic.this.arn
}

output "launch_template_version" {
  description = "Version of the launch template that is deployed."
  value       = aws_launch_template.node.latest_version
}

output "start_timeout_s" {
  description = "Seconds that an instance has to start before it is judged."
  value       = local.start_timeout_s
}

output "node_security_group_id" {
  description = "Security group of the nodes."
  value       = aws_security_group.node.id
}
