output "balancer" {
  description = "The name that your own name's CNAME points to."
  value       = aws_lb.this.dns_name
}

output "admin_key" {
  description = "The admin key."
  value       = random_password.admin_key.result
  sensitive   = true
}

output "log_group" {
  description = "Where the log is; the link for the first account stands in it."
  value       = aws_cloudwatch_log_group.this.name
}
