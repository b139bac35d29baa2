variable "project" {
  description = "The project."
  type        = string
}

variable "region" {
  description = "The region."
  type        = string
}

variable "name" {
  description = "What everything is named after."
  type        = string
  default     = "sluice"
}

variable "image" {
  description = "The image, by version or digest, in a registry that Cloud Run reads."
  type        = string
}

variable "network" {
  description = "The network's full name: projects/<project>/global/networks/<name>."
  type        = string
}

variable "subnetwork" {
  description = "The subnetwork that instances take their addresses from."
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

variable "ingress" {
  description = "Who reaches it."
  type        = string
  default     = "INGRESS_TRAFFIC_ALL"
  validation {
    condition     = contains(["INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"], var.ingress)
    error_message = "One of INGRESS_TRAFFIC_ALL, INGRESS_TRAFFIC_INTERNAL_ONLY, INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER."
  }
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
  description = "CPUs of an instance."
  type        = string
  default     = "1"
}

variable "memory" {
  description = "Memory of an instance."
  type        = string
  default     = "1Gi"
}

variable "min_replicas" {
  description = "The fewest instances."
  type        = number
  default     = 2
}

variable "max_replicas" {
  description = "The most instances."
  type        = number
  default     = 20
}

variable "database_tier" {
  description = "The size of PostgreSQL. Each instance holds up to 10 connections."
  type        = string
  default     = "db-custom-2-7680"
}

variable "high_availability" {
  description = "Whether both databases stand by in a second zone."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether the database and the service refuse to be destroyed."
  type        = bool
  default     = true
}
