CREATE TABLE "organisations" (
  "id" text PRIMARY KEY,
  "name" text NOT NULL,
  "slug" text NOT NULL UNIQUE,
  "plan_id" text,
  "status" text NOT NULL DEFAULT 'active' CHECK ("status" IN ('active', 'suspended')),
  "created_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
INSERT INTO "organisations" ("id", "name", "slug") VALUES ('org_default', 'Default', 'default');
--> statement-breakpoint
CREATE TABLE "teams" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "name" text NOT NULL,
  "status" text NOT NULL DEFAULT 'active' CHECK ("status" IN ('active', 'suspended')),
  "permissions" jsonb,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  UNIQUE ("organisation_id", "name")
);
--> statement-breakpoint
CREATE TABLE "users" (
  "id" text PRIMARY KEY,
  "name" text NOT NULL,
  "email" text NOT NULL UNIQUE,
  "email_verified" boolean NOT NULL DEFAULT false,
  "image" text,
  "two_factor_enabled" boolean NOT NULL DEFAULT false,
  "operator" boolean NOT NULL DEFAULT false,
  "status" text NOT NULL DEFAULT 'active' CHECK ("status" IN ('active', 'suspended')),
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE TABLE "memberships" (
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "user_id" text NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "role" text NOT NULL,
  "status" text NOT NULL DEFAULT 'active' CHECK ("status" IN ('active', 'suspended')),
  "created_at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("organisation_id", "user_id")
);
--> statement-breakpoint
CREATE INDEX "memberships_user" ON "memberships" ("user_id");
--> statement-breakpoint
CREATE TABLE "team_members" (
  "team_id" text NOT NULL REFERENCES "teams" ("id") ON DELETE CASCADE,
  "user_id" text NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("team_id", "user_id")
);
--> statement-breakpoint
CREATE TABLE "roles" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "name" text NOT NULL,
  "permissions" jsonb NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  UNIQUE ("organisation_id", "name")
);
--> statement-breakpoint
CREATE TABLE "invitations" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "email" text NOT NULL,
  "role" text NOT NULL,
  "team_ids" jsonb NOT NULL,
  "token_hash" text NOT NULL UNIQUE,
  "invited_by" text NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "expires_at" timestamptz NOT NULL,
  "accepted_at" timestamptz,
  "revoked_at" timestamptz
);
--> statement-breakpoint
ALTER TABLE "keys" DROP CONSTRAINT "keys_role_check";
--> statement-breakpoint
ALTER TABLE "keys"
  ADD COLUMN "organisation_id" text NOT NULL DEFAULT 'org_default' REFERENCES "organisations" ("id") ON DELETE CASCADE,
  ADD COLUMN "team_id" text,
  ADD COLUMN "user_id" text REFERENCES "users" ("id") ON DELETE CASCADE,
  ADD COLUMN "scopes" jsonb,
  ADD COLUMN "addresses" jsonb,
  ADD COLUMN "tags" jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN "previous_hash" text UNIQUE,
  ADD COLUMN "previous_until" timestamptz,
  ADD COLUMN "created_by" text;
--> statement-breakpoint
CREATE INDEX "keys_organisation" ON "keys" ("organisation_id");
--> statement-breakpoint
CREATE INDEX "keys_user" ON "keys" ("user_id");
--> statement-breakpoint
CREATE INDEX "team_members_user" ON "team_members" ("user_id");
--> statement-breakpoint
CREATE INDEX "invitations_organisation" ON "invitations" ("organisation_id", "created_at");
--> statement-breakpoint
ALTER TABLE "calls"
  ADD COLUMN "organisation_id" text NOT NULL DEFAULT 'org_default',
  ADD COLUMN "team_id" text,
  ADD COLUMN "user_id" text,
  ADD COLUMN "agent_id" text,
  ADD COLUMN "cache" text,
  ADD COLUMN "cache_saved_nanos" bigint;
--> statement-breakpoint
CREATE INDEX "calls_organisation_at" ON "calls" ("organisation_id", "at");
--> statement-breakpoint
CREATE TABLE "audit_entries" (
  "seq" bigserial PRIMARY KEY,
  "at" timestamptz(3) NOT NULL,
  "organisation_id" text NOT NULL,
  "actor_kind" text NOT NULL,
  "actor_id" text NOT NULL,
  "actor_name" text NOT NULL,
  "action" text NOT NULL,
  "target_kind" text NOT NULL,
  "target_id" text NOT NULL,
  "detail" jsonb NOT NULL,
  "request_id" text,
  "previous_hash" text NOT NULL,
  "hash" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "audit_organisation_at" ON "audit_entries" ("organisation_id", "at");
