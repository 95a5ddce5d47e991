# Optional: a name that points to the primary while that is healthy, and to the fallback otherwise.

locals {
  record_inputs = [var.zone_id, var.record_name, var.primary_endpoint]
  make_records  = !contains([for input in local.record_inputs : input == null], true)
}

resource "aws_route53_health_check" "primary" {
  count = local.make_records ? 1 : 0

  fqdn              = var.primary_endpoint
  port              = 443
  type              = "HTTPS"
  resource_path     = var.primary_health_path
  failure_threshold = 3
  request_interval  = 10
  tags              = merge(local.tags, { Name = "${var.name}-primary" })
}

resource "aws_route53_record" "primary" {
  count = local.make_records ? 1 : 0

  zone_id         = var.zone_id
  name            = var.record_name
  type            = "CNAME"
  ttl             = 30
  records         = [var.primary_endpoint]
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.primary[0].id

  failover_routing_policy {
    type = "PRIMARY"
  }
}

resource "aws_route53_record" "fallback" {
  count = local.make_records ? 1 : 0

  zone_id        = var.zone_id
  name           = var.record_name
  type           = "CNAME"
  ttl            = 30
  records        = [aws_lb.this.dns_name]
  set_identifier = "fallback"

  failover_routing_policy {
    type = "SECONDARY"
  }
}
