CREATE TABLE "guardrails" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "name" text NOT NULL,
  "position" integer NOT NULL,
  "enabled" boolean NOT NULL DEFAULT true,
  "side" text NOT NULL CHECK ("side" IN ('input', 'output', 'both')),
  "check" jsonb NOT NULL,
  "action" text NOT NULL CHECK ("action" IN ('block', 'redact', 'mask', 'flag', 'route')),
  "route" jsonb,
  "roles" jsonb,
  "key_id" text,
  "team_id" text,
  "model_group" text,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE UNIQUE INDEX "guardrails_organisation_id_name_index" ON "guardrails" ("organisation_id", "name");
--> statement-breakpoint
CREATE INDEX "guardrails_organisation_id_position_index" ON "guardrails" ("organisation_id", "position");
