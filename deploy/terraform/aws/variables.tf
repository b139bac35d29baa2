variable "name" {
  description = "What everything is named after: small letters, digits and hyphens."
  type        = string
  default     = "sluice"
}

variable "image" {
  description = "The image, by version or digest."
  type        = string
}

variable "url" {
  description = "Where people will reach it, like https://gateway.example.com: logging in works there only."
  type        = string
}

variable "config" {
  description = "More of sluice.yaml, as Terraform writes it: { baseline = \"anthropic/claude-haiku-4-5\" }."
  type        = any
  default     = {}
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "private_subnet_ids" {
  description = "Subnets of the replicas and the databases, with a way out to the providers."
  type        = list(string)
}

variable "public_subnet_ids" {
  description = "Subnets of the load balancer; not needed when it is internal."
  type        = list(string)
  default     = []
}

variable "internal" {
  description = "Whether the load balancer is reached from inside the network only."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "The certificate of the load balancer, in ACM."
  type        = string
}

variable "allowed_cidrs" {
  description = "Who may reach the load balancer."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "provider_keys" {
  description = "Keys of providers by the name of their variable: { ANTHROPIC_API_KEY = \"...\" }."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "environment" {
  description = "Other variables that are no secrets."
  type        = map(string)
  default     = {}
}

variable "cpu" {
  description = "CPU units of a replica; 1024 is one."
  type        = number
  default     = 1024
}

variable "memory" {
  description = "Memory of a replica in MiB."
  type        = number
  default     = 2048
}

variable "min_replicas" {
  description = "The fewest replicas."
  type        = number
  default     = 2
}

variable "max_replicas" {
  description = "The most replicas."
  type        = number
  default     = 20
}

variable "database_class" {
  description = "The size of PostgreSQL. Each replica holds up to 10 connections."
  type        = string
  default     = "db.t4g.medium"
}

variable "cache_class" {
  description = "The size of Valkey."
  type        = string
  default     = "cache.t4g.small"
}

variable "multi_az" {
  description = "Whether both databases stand by in a second zone."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether the database refuses to be destroyed, and leaves a snapshot when it is."
  type        = bool
  default     = true
}
