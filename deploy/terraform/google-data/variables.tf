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
}

variable "network" {
  description = "The network's full name: projects/<project>/global/networks/<name>."
  type        = string
}

variable "database_tier" {
  description = "The size of PostgreSQL."
  type        = string
}

variable "high_availability" {
  description = "Whether both databases stand by in a second zone."
  type        = bool
}

variable "deletion_protection" {
  description = "Whether the database refuses to be destroyed."
  type        = bool
}
