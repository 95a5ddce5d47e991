# Logs, and the alarms: wake up, awake but not serving, awake for too long.

resource "aws_cloudwatch_log_group" "vllm" {
  name              = "/llmops/${var.name}/vllm"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.this.arn
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "flow" {
  count = local.make_vpc ? 1 : 0

  name              = "/llmops/${var.name}/flow"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.this.arn
  tags              = local.tags
}

resource "aws_sns_topic" "this" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.this.arn # the default key of SNS would swallow every alarm
  tags              = local.tags
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

# Whoever sees the outage publishes FallbackDemand: the fallback's own queue cannot wake it.
resource "aws_cloudwatch_metric_alarm" "wake" {
  alarm_name          = "${var.name}-wake"
  alarm_description   = "There is demand for the fallback ${var.name}, and it is asleep."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_autoscaling_policy.wake.arn, aws_sns_topic.this.arn]
  tags                = local.tags

  metric_query {
    id          = "asked"
    expression  = "IF(FILL(demand, 0) > 0 AND FILL(desired, REPEAT) == 0, 1, 0)"
    label       = "Demand while asleep"
    return_data = true
  }

  metric_query {
    id = "demand"

    metric {
      namespace   = "LLMOps/Provider"
      metric_name = "FallbackDemand"
      dimensions  = { Stack = var.name }
      stat        = "Sum"
      period      = 60
    }
  }

  metric_query {
    id = "desired"

    metric {
      namespace   = "AWS/AutoScaling"
      metric_name = "GroupDesiredCapacity"
      dimensions  = { AutoScalingGroupName = aws_autoscaling_group.this.name }
      stat        = "Maximum"
      period      = 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "unserved" {
  alarm_name          = "${var.name}-unserved"
  alarm_description   = "The fallback ${var.name} was woken, and nothing serves after the longest expected start: no capacity, or nodes that fail."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = ceil(local.start_timeout_s / 60) + 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]
  tags                = local.tags

  metric_query {
    id          = "unserved"
    expression  = "IF(FILL(desired, REPEAT) > 0 AND FILL(healthy, 0) < 1, 1, 0)"
    label       = "Awake and not serving"
    return_data = true
  }

  metric_query {
    id = "desired"

    metric {
      namespace   = "AWS/AutoScaling"
      metric_name = "GroupDesiredCapacity"
      dimensions  = { AutoScalingGroupName = aws_autoscaling_group.this.name }
      stat        = "Maximum"
      period      = 60
    }
  }

  metric_query {
    id = "healthy"

    metric {
      namespace   = "AWS/NetworkELB"
      metric_name = "HealthyHostCount"
      dimensions = {
        LoadBalancer = aws_lb.this.arn_suffix
        TargetGroup  = aws_lb_target_group.this.arn_suffix
      }
      stat   = "Maximum"
      period = 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "awake" {
  count = var.mode == "hot" ? 0 : 1

  alarm_name          = "${var.name}-awake"
  alarm_description   = "The fallback ${var.name} has been awake for ${var.max_awake_hours} h: return to the provider, or renew the lease knowingly."
  namespace           = "AWS/AutoScaling"
  metric_name         = "GroupInServiceInstances"
  dimensions          = { AutoScalingGroupName = aws_autoscaling_group.this.name }
  statistic           = "Minimum"
  period              = 3600
  evaluation_periods  = var.max_awake_hours
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  tags                = local.tags
}
