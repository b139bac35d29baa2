# Sluice on Cloud Run, which ends TLS, on Cloud SQL for PostgreSQL and Memorystore for Redis.

terraform {
  required_version = ">= 1.6"
  required_providers {
    google = { source = "hashicorp/google", version = "~> 7.0" }
  }
}

locals {
  secrets = merge(var.provider_keys, module.data.secrets)
  # Cloud Run gives an instance 10 s to stop: running answers get 6 of them, and are then ended with an error.
  config = merge({ auth = { url = var.url }, limits = { drainMs = 6000 } }, var.config)
}

module "data" {
  source              = "../google-data"
  project             = var.project
  region              = var.region
  name                = var.name
  network             = var.network
  database_tier       = var.database_tier
  high_availability   = var.high_availability
  deletion_protection = var.deletion_protection
}

resource "google_project_service" "this" {
  for_each           = toset(["run.googleapis.com", "secretmanager.googleapis.com"])
  project            = var.project
  service            = each.value
  disable_on_destroy = false
}

resource "google_service_account" "this" {
  project    = var.project
  account_id = var.name
}

resource "google_secret_manager_secret" "this" {
  for_each  = nonsensitive(toset(keys(local.secrets)))
  project   = var.project
  secret_id = "${var.name}-${each.value}"
  replication {
    auto {}
  }
  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "this" {
  for_each    = google_secret_manager_secret.this
  secret      = each.value.id
  secret_data = local.secrets[each.key]
}

resource "google_secret_manager_secret_iam_member" "this" {
  for_each  = google_secret_manager_secret.this
  project   = var.project
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this.member
}

# sluice.yaml. It is no secret, but this is how Cloud Run mounts a file.
resource "google_secret_manager_secret" "config" {
  project   = var.project
  secret_id = "${var.name}-config"
  replication {
    auto {}
  }
  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "config" {
  secret      = google_secret_manager_secret.config.id
  secret_data = yamlencode(local.config)
}

resource "google_secret_manager_secret_iam_member" "config" {
  project   = var.project
  secret_id = google_secret_manager_secret.config.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this.member
}

# --- The service ---

resource "google_cloud_run_v2_service" "this" {
  project             = var.project
  location            = var.region
  name                = var.name
  ingress             = var.ingress
  deletion_protection = var.deletion_protection

  template {
    service_account = google_service_account.this.email
    # As limits.totalMs: no call is longer.
    timeout                          = "900s"
    max_instance_request_concurrency = 250

    scaling {
      min_instance_count = var.min_replicas
      max_instance_count = var.max_replicas
    }

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"
      network_interfaces {
        network    = var.network
        subnetwork = var.subnetwork
      }
    }

    volumes {
      name = "config"
      secret {
        secret = google_secret_manager_secret.config.secret_id
        items {
          version = google_secret_manager_secret_version.config.version
          path    = "sluice.yaml"
        }
      }
    }

    containers {
      image = var.image

      volume_mounts {
        name       = "config"
        mount_path = "/etc/sluice"
      }

      ports {
        container_port = 8080
      }

      resources {
        limits = { cpu = var.cpu, memory = var.memory }
        # The journal is written, and figures are counted, after the answer has left.
        cpu_idle          = false
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(var.environment, {
          HOST          = "0.0.0.0"
          SLUICE_PUBLIC = "true"
          # A folder in memory: what is in it for a moment is the journal.
          SLUICE_DATA_DIR = "/tmp/sluice"
          SLUICE_CONFIG   = "/etc/sluice/sluice.yaml"
        })
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = google_secret_manager_secret.this
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.secret_id
              version = "latest"
            }
          }
        }
      }

      startup_probe {
        http_get {
          path = "/ready"
        }
        period_seconds    = 2
        failure_threshold = 60
      }

      liveness_probe {
        http_get {
          path = "/health"
        }
        period_seconds    = 10
        timeout_seconds   = 5
        failure_threshold = 6
      }
    }
  }

  depends_on = [
    google_secret_manager_secret_version.this,
    google_secret_manager_secret_iam_member.this,
    google_secret_manager_secret_iam_member.config,
  ]
}

# Who calls is known by Sluice's own keys, so the service itself is open to whom `ingress` lets through.
resource "google_cloud_run_v2_service_iam_member" "this" {
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.this.name
  role     = "roles/run.invoker"
  member   = "allUsers"
}
