# The network: one of its own with a way out, or an existing VPC.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name

  tags = merge(var.tags, { Stack = var.name, ManagedBy = "llmops" })

  make_vpc       = var.vpc_id == null
  make_nat       = local.make_vpc && var.egress == "nat"
  make_endpoints = local.make_vpc && var.egress == "endpoints"
  zones          = local.make_vpc ? var.availability_zones : []
  client_cidrs   = length(var.client_cidrs) > 0 ? var.client_cidrs : [var.vpc_cidr]

  # What a node calls: image, secret, logs, metrics, its own hook, and Session Manager.
  endpoint_services = ["autoscaling", "ec2messages", "ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages"]
}

resource "aws_vpc" "this" {
  count = local.make_vpc ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = merge(local.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = length(var.availability_zones) >= 2
      error_message = "A VPC of its own needs at least 2 availability_zones: capacity that one zone lacks is sought in the others."
    }
  }
}

# Without rules: whatever is put into the default group by mistake reaches nothing.
resource "aws_default_security_group" "this" {
  count = local.make_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = "${var.name}-default" })
}

resource "aws_subnet" "private" {
  count = length(local.zones)

  vpc_id            = aws_vpc.this[0].id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, count.index)
  tags              = merge(local.tags, { Name = "${var.name}-private-${count.index}" })
}

# One table a zone: each leaves through the NAT gateway of its own zone, so that no zone depends on another.
resource "aws_route_table" "private" {
  count = length(local.zones)

  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = "${var.name}-private-${count.index}" })
}

resource "aws_route_table_association" "private" {
  count = length(local.zones)

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}

resource "aws_vpc_endpoint" "s3" {
  count = local.make_vpc ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = aws_route_table.private[*].id
  tags              = merge(local.tags, { Name = "${var.name}-s3" })
}

# --- egress = "nat"

resource "aws_internet_gateway" "this" {
  count = local.make_nat ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = var.name })
}

resource "aws_subnet" "public" {
  count = local.make_nat ? length(local.zones) : 0

  vpc_id                  = aws_vpc.this[0].id
  availability_zone       = local.zones[count.index]
  cidr_block              = cidrsubnet(var.vpc_cidr, 4, 8 + count.index)
  map_public_ip_on_launch = false
  tags                    = merge(local.tags, { Name = "${var.name}-public-${count.index}" })
}

resource "aws_route_table" "public" {
  count = local.make_nat ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public" {
  count = local.make_nat ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  count = local.make_nat ? length(local.zones) : 0

  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  count = local.make_nat ? length(local.zones) : 0

  domain = "vpc"
  tags   = merge(local.tags, { Name = "${var.name}-nat-${count.index}" })
}

resource "aws_nat_gateway" "this" {
  count = local.make_nat ? length(local.zones) : 0

  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id
  tags          = merge(local.tags, { Name = "${var.name}-${count.index}" })

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "private" {
  count = local.make_nat ? length(local.zones) : 0

  route_table_id         = aws_route_table.private[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[count.index].id
}

# --- egress = "endpoints"

resource "aws_vpc_endpoint" "interface" {
  count = local.make_endpoints ? length(local.endpoint_services) : 0

  vpc_id              = aws_vpc.this[0].id
  service_name        = "com.amazonaws.${local.region}.${local.endpoint_services[count.index]}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.endpoints[0].id]
  tags                = merge(local.tags, { Name = "${var.name}-${local.endpoint_services[count.index]}" })
}

resource "aws_security_group" "endpoints" {
  count = local.make_endpoints ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "Endpoints of AWS services, for the nodes of ${var.name}"
  vpc_id      = aws_vpc.this[0].id
  tags        = merge(local.tags, { Name = "${var.name}-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = local.make_endpoints ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "HTTPS from the nodes"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.node.id
  tags                         = local.tags
}

# --- who talks to whom

resource "aws_flow_log" "this" {
  count = local.make_vpc ? 1 : 0

  vpc_id               = aws_vpc.this[0].id
  traffic_type         = "REJECT" # what was refused tells of probes and of a forgotten rule; accepted traffic is the volume
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn         = aws_iam_role.flow[0].arn
  tags                 = merge(local.tags, { Name = var.name })
}

resource "aws_security_group" "lb" {
  name        = "${var.name}-lb"
  description = "Endpoint of ${var.name}"
  vpc_id      = local.make_vpc ? aws_vpc.this[0].id : var.vpc_id
  tags        = merge(local.tags, { Name = "${var.name}-lb" })

  lifecycle {
    precondition {
      condition     = local.make_vpc || length(var.client_cidrs) > 0
      error_message = "With vpc_id, client_cidrs must say who may call the endpoint."
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "lb" {
  count = length(local.client_cidrs)

  security_group_id = aws_security_group.lb.id
  description       = "TLS from clients"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = local.client_cidrs[count.index]
  tags              = local.tags
}

resource "aws_vpc_security_group_egress_rule" "lb" {
  security_group_id            = aws_security_group.lb.id
  description                  = "To vLLM and its health check"
  ip_protocol                  = "tcp"
  from_port                    = var.api_port
  to_port                      = var.api_port
  referenced_security_group_id = aws_security_group.node.id
  tags                         = local.tags
}

resource "aws_security_group" "node" {
  name        = "${var.name}-node"
  description = "GPU nodes of ${var.name}"
  vpc_id      = local.make_vpc ? aws_vpc.this[0].id : var.vpc_id
  tags        = merge(local.tags, { Name = "${var.name}-node" })
}

resource "aws_vpc_security_group_ingress_rule" "node" {
  security_group_id            = aws_security_group.node.id
  description                  = "From the load balancer only"
  ip_protocol                  = "tcp"
  from_port                    = var.api_port
  to_port                      = var.api_port
  referenced_security_group_id = aws_security_group.lb.id
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "node" {
  security_group_id = aws_security_group.node.id
  description       = "HTTPS to AWS services and the registry of the image"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
  tags              = local.tags
}
