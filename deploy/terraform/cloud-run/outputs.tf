output "url" {
  description = "Where it is reached."
  value       = google_cloud_run_v2_service.this.uri
}

output "admin_key" {
  description = "The admin key."
  value       = module.data.admin_key
  sensitive   = true
}
