# Sluice on GKE Autopilot by the Helm chart, on Cloud SQL for PostgreSQL and Memorystore for Redis. The providers `kubernetes` and `helm`
# are configured by who uses this module, with the outputs `cluster_endpoint` and `cluster_ca_certificate`.

terraform {
  required_version = ">= 1.6"
  required_providers {
    google     = { source = "hashicorp/google", version = "~> 7.0" }
    kubernetes = { source = "hashicorp/kubernetes", version = "~> 2.38" }
    helm       = { source = "hashicorp/helm", version = "~> 3.0" }
  }
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
  project            = var.project
  service            = "container.googleapis.com"
  disable_on_destroy = false
}

resource "google_container_cluster" "this" {
  project             = var.project
  location            = var.region
  name                = var.name
  enable_autopilot    = true
  network             = var.network
  subnetwork          = var.subnetwork
  deletion_protection = var.deletion_protection

  private_cluster_config {
    enable_private_nodes = true
  }

  release_channel {
    channel = "REGULAR"
  }

  depends_on = [google_project_service.this]
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.name
  }
  depends_on = [google_container_cluster.this]
}

resource "kubernetes_secret_v1" "this" {
  metadata {
    name      = "${var.name}-environment"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  data = merge(var.provider_keys, module.data.secrets)
}

resource "helm_release" "this" {
  name      = var.name
  namespace = kubernetes_namespace_v1.this.metadata[0].name
  chart     = "${path.module}/../../helm/sluice"
  timeout   = 600

  values = [
    yamlencode({
      image          = { repository = var.image_repository, tag = var.image_tag }
      existingSecret = kubernetes_secret_v1.this.metadata[0].name
      env            = var.environment
      config         = merge({ auth = { url = var.url } }, var.config)
      autoscaling    = { minReplicas = var.min_replicas, maxReplicas = var.max_replicas }
      ingress        = merge({ enabled = true, host = trimprefix(var.url, "https://") }, var.ingress)
    }),
    yamlencode(var.chart_values),
  ]
}
