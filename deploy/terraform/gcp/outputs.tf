output "cluster_endpoint" {
  description = "The address of the cluster, for the providers."
  value       = "https://${google_container_cluster.this.endpoint}"
}

output "cluster_ca_certificate" {
  description = "What the cluster's certificate is signed with, for the providers."
  value       = base64decode(google_container_cluster.this.master_auth[0].cluster_ca_certificate)
}

output "admin_key" {
  description = "The admin key."
  value       = module.data.admin_key
  sensitive   = true
}
