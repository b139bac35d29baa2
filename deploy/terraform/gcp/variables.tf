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

variable "image_repository" {
  description = "The image without its version."
  type        = string
}

variable "image_tag" {
  description = "The image's version. Empty: that of the chart."
  type        = string
  default     = ""
}

variable "network" {
  description = "The network's full name: projects/<project>/global/networks/<name>."
  type        = string
}

variable "subnetwork" {
  description = "The subnetwork that nodes take their addresses from."
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
  description = "How the chart's ingress is set up: className, tlsSecret, annotations."
  type        = any
  default     = {}
}

variable "chart_values" {
  description = "More values of the chart."
  type        = any
  default     = {}
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

variable "database_tier" {
  description = "The size of PostgreSQL. Each replica holds up to 10 connections."
  type        = string
  default     = "db-custom-2-7680"
}

variable "high_availability" {
  description = "Whether both databases stand by in a second zone."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether the database and the cluster refuse to be destroyed."
  type        = bool
  default     = true
}
