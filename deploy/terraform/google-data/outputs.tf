output "secrets" {
  description = "The variables of the environment that are secrets."
  sensitive   = true
  value = {
    SLUICE_ADMIN_KEY  = random_password.admin_key.result
    SLUICE_MASTER_KEY = random_bytes.master_key.base64
    DATABASE_URL      = "postgres://${google_sql_user.this.name}:${random_password.database.result}@${google_sql_database_instance.this.private_ip_address}/${google_sql_database.this.name}?sslmode=require"
    REDIS_URL         = "redis://:${google_redis_instance.this.auth_string}@${google_redis_instance.this.host}:${google_redis_instance.this.port}"
  }
}

output "admin_key" {
  description = "The admin key."
  sensitive   = true
  value       = random_password.admin_key.result
}
