# What the replicas of Sluice share on Google Cloud: Cloud SQL for PostgreSQL and Memorystore for Redis, on private addresses, and the
# secrets. The state holds the passwords that are made here: keep it in an encrypted backend.

terraform {
  required_version = ">= 1.6"
  required_providers {
    google = { source = "hashicorp/google", version = "~> 7.0" }
    random = { source = "hashicorp/random", version = "~> 3.7" }
  }
}

resource "google_project_service" "this" {
  for_each           = toset(["sqladmin.googleapis.com", "redis.googleapis.com", "servicenetworking.googleapis.com"])
  project            = var.project
  service            = each.value
  disable_on_destroy = false
}

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

resource "google_compute_global_address" "this" {
  project       = var.project
  name          = "${var.name}-data"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = var.network
}

resource "google_service_networking_connection" "this" {
  network                 = var.network
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.this.name]
  depends_on              = [google_project_service.this]
}

resource "google_sql_database_instance" "this" {
  project             = var.project
  region              = var.region
  name                = var.name
  database_version    = "POSTGRES_17"
  deletion_protection = var.deletion_protection

  settings {
    edition           = "ENTERPRISE"
    tier              = var.database_tier
    availability_type = var.high_availability ? "REGIONAL" : "ZONAL"
    disk_autoresize   = true

    ip_configuration {
      ipv4_enabled    = false
      private_network = var.network
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }
  }

  depends_on = [google_service_networking_connection.this]
}

resource "google_sql_database" "this" {
  project  = var.project
  instance = google_sql_database_instance.this.name
  name     = "sluice"
}

resource "google_sql_user" "this" {
  project  = var.project
  instance = google_sql_database_instance.this.name
  name     = "sluice"
  password = random_password.database.result
}

resource "google_redis_instance" "this" {
  project            = var.project
  region             = var.region
  name               = var.name
  tier               = var.high_availability ? "STANDARD_HA" : "BASIC"
  memory_size_gb     = 1
  redis_version      = "REDIS_7_2"
  auth_enabled       = true
  authorized_network = var.network
  connect_mode       = "PRIVATE_SERVICE_ACCESS"
  depends_on         = [google_service_networking_connection.this]
}
