# Sluice on ECS Fargate: replicas behind an application load balancer with TLS, RDS for PostgreSQL, ElastiCache for Valkey. The state
# holds the passwords that are made here: keep it in an encrypted backend.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws    = { source = "hashicorp/aws", version = "~> 6.0" }
    random = { source = "hashicorp/random", version = "~> 3.7" }
  }
}

locals {
  port = 8080
  # Longer than the 30 s that running answers get to end (limits.drainMs), and the 2 s after them.
  stop_seconds = 45
  config_path  = "/tmp/sluice.yaml"
  # The balancer says where a caller is; it is in the network.
  config = merge({ auth = { url = var.url }, trustedProxies = [data.aws_vpc.this.cidr_block] }, var.config)
  secrets = merge(var.provider_keys, {
    SLUICE_ADMIN_KEY  = random_password.admin_key.result
    SLUICE_MASTER_KEY = random_bytes.master_key.base64
    DATABASE_URL      = "postgres://sluice:${random_password.database.result}@${aws_db_instance.this.endpoint}/sluice?sslmode=require"
    REDIS_URL         = "rediss://:${random_password.redis.result}@${aws_elasticache_replication_group.this.primary_endpoint_address}:6379"
  })
}

data "aws_region" "current" {}

data "aws_vpc" "this" {
  id = var.vpc_id
}

# --- Secrets ---

resource "random_password" "admin_key" {
  length  = 40
  special = false
}

resource "random_bytes" "master_key" {
  length = 32
}

resource "random_password" "database" {
  length  = 40
  special = false
}

resource "random_password" "redis" {
  length  = 40
  special = false
}

resource "aws_secretsmanager_secret" "this" {
  name = "${var.name}-environment"
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = jsonencode(local.secrets)
}

# --- Who may reach whom ---

resource "aws_security_group" "balancer" {
  name   = "${var.name}-balancer"
  vpc_id = var.vpc_id
}

resource "aws_security_group" "sluice" {
  name   = "${var.name}-sluice"
  vpc_id = var.vpc_id
}

resource "aws_security_group" "data" {
  name   = "${var.name}-data"
  vpc_id = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "world" {
  for_each          = toset(var.allowed_cidrs)
  security_group_id = aws_security_group.balancer.id
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.balancer.id
  referenced_security_group_id = aws_security_group.sluice.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "sluice" {
  security_group_id            = aws_security_group.sluice.id
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

# Providers are anywhere.
resource "aws_vpc_security_group_egress_rule" "sluice" {
  security_group_id = aws_security_group.sluice.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "data" {
  for_each                     = { postgresql = 5432, valkey = 6379 }
  security_group_id            = aws_security_group.data.id
  referenced_security_group_id = aws_security_group.sluice.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

# --- PostgreSQL and Valkey ---

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.private_subnet_ids
}

resource "aws_db_instance" "this" {
  identifier                   = var.name
  engine                       = "postgres"
  engine_version               = "17"
  instance_class               = var.database_class
  allocated_storage            = 50
  max_allocated_storage        = 500
  storage_encrypted            = true
  db_name                      = "sluice"
  username                     = "sluice"
  password                     = random_password.database.result
  db_subnet_group_name         = aws_db_subnet_group.this.name
  vpc_security_group_ids       = [aws_security_group.data.id]
  multi_az                     = var.multi_az
  backup_retention_period      = 14
  deletion_protection          = var.deletion_protection
  skip_final_snapshot          = !var.deletion_protection
  final_snapshot_identifier    = "${var.name}-final"
  performance_insights_enabled = true
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.private_subnet_ids
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = var.name
  description                = "What the replicas of Sluice share"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = var.cache_class
  num_cache_clusters         = var.multi_az ? 2 : 1
  automatic_failover_enabled = var.multi_az
  multi_az_enabled           = var.multi_az
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.data.id]
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  auth_token                 = random_password.redis.result
}

# --- The replicas ---

resource "aws_cloudwatch_log_group" "this" {
  name              = "/sluice/${var.name}"
  retention_in_days = 30
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.this.arn]
  }
}

# Starts the containers: fetches the image and the secrets.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "secrets" {
  name   = "secrets"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.secrets.json
}

resource "aws_ecs_cluster" "this" {
  name = var.name
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name        = "sluice"
    image       = var.image
    essential   = true
    stopTimeout = local.stop_seconds
    # ECS has no way to hand over a file.
    entryPoint = ["/bin/sh", "-c", "printf '%s' \"$CONFIG\" > ${local.config_path} && exec /usr/local/bin/sluice serve"]
    linuxParameters = {
      capabilities = { drop = ["ALL"] }
    }
    portMappings = [{ containerPort = local.port }]
    environment = [for name, value in merge(var.environment, {
      HOST          = "0.0.0.0"
      PORT          = tostring(local.port)
      SLUICE_PUBLIC = "true"
      SLUICE_CONFIG = local.config_path
      CONFIG        = yamlencode(local.config)
    }) : { name = name, value = value }]
    secrets = [for name in sort(keys(nonsensitive(toset(keys(local.secrets))))) : {
      name = name, valueFrom = "${aws_secretsmanager_secret.this.arn}:${name}::"
    }]
    healthCheck = {
      command     = ["CMD", "/usr/local/bin/sluice", "health"]
      interval    = 30
      timeout     = 6
      retries     = 3
      startPeriod = 60
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = "sluice"
      }
    }
  }])

  depends_on = [aws_secretsmanager_secret_version.this]
}

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = var.min_replicas
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 120

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets         = var.private_subnet_ids
    security_groups = [aws_security_group.sluice.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "sluice"
    container_port   = local.port
  }

  lifecycle {
    # The autoscaler's.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_lb_listener.this]
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.min_replicas
  max_capacity       = var.max_replicas
}

resource "aws_appautoscaling_policy" "this" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_in_cooldown  = 300
    scale_out_cooldown = 30
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

# --- The way in ---

resource "aws_lb" "this" {
  name                       = var.name
  internal                   = var.internal
  load_balancer_type         = "application"
  subnets                    = var.internal ? var.private_subnet_ids : var.public_subnet_ids
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  # More than limits.totalMs, so that it is Sluice that ends a call, with an error that says why.
  idle_timeout = 960
}

resource "aws_lb_target_group" "this" {
  name                 = var.name
  port                 = local.port
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = var.vpc_id
  deregistration_delay = local.stop_seconds

  health_check {
    path              = "/ready"
    interval          = 10
    timeout           = 5
    healthy_threshold = 2
  }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

# Figures are for inside.
resource "aws_lb_listener_rule" "metrics" {
  listener_arn = aws_lb_listener.this.arn
  priority     = 1

  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }

  condition {
    path_pattern {
      values = ["/metrics"]
    }
  }
}
