CREATE TABLE "provider_keys" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "user_id" text REFERENCES "users" ("id") ON DELETE CASCADE,
  "provider" text NOT NULL,
  "name" text NOT NULL,
  "hint" text NOT NULL,
  "reference" text,
  "sealed" text,
  "wrapped_key" text,
  "master_version" integer,
  "valid" boolean,
  "checked_at" timestamptz,
  "created_by" text NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "rotated_at" timestamptz,
  "revoked_at" timestamptz,
  CHECK (("reference" IS NULL) <> ("sealed" IS NULL)),
  CHECK (("sealed" IS NULL) = ("wrapped_key" IS NULL) AND ("sealed" IS NULL) = ("master_version" IS NULL))
);
--> statement-breakpoint
CREATE INDEX "provider_keys_organisation" ON "provider_keys" ("organisation_id", "created_at");
--> statement-breakpoint
CREATE INDEX "provider_keys_master" ON "provider_keys" ("master_version", "id");
--> statement-breakpoint
CREATE TABLE "audit_head" (
  "id" boolean PRIMARY KEY DEFAULT true CHECK ("id"),
  "seq" bigint NOT NULL,
  "hash" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "audit_actor" ON "audit_entries" ("actor_id", "seq");
--> statement-breakpoint
CREATE INDEX "audit_target" ON "audit_entries" ("target_id", "seq");
--> statement-breakpoint
CREATE INDEX "audit_organisation_seq" ON "audit_entries" ("organisation_id", "seq");
