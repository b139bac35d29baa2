CREATE TABLE "limits" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "subject" text NOT NULL CHECK ("subject" IN ('organisation', 'team', 'user', 'key', 'thread')),
  "subject_id" text,
  "model" text,
  "requests_per_minute" integer CHECK ("requests_per_minute" > 0),
  "tokens_per_minute" integer CHECK ("tokens_per_minute" > 0),
  "concurrent" integer CHECK ("concurrent" > 0),
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  CHECK ("requests_per_minute" IS NOT NULL OR "tokens_per_minute" IS NOT NULL OR "concurrent" IS NOT NULL)
);
--> statement-breakpoint
CREATE INDEX "limits_organisation_id_index" ON "limits" ("organisation_id");
