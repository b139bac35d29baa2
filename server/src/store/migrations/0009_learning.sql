CREATE TABLE "routing_learning" (
  "organisation_id" text PRIMARY KEY REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "enabled" boolean NOT NULL DEFAULT false,
  "shadow_share" real NOT NULL DEFAULT 0 CHECK ("shadow_share" >= 0 AND "shadow_share" <= 1),
  "judge" text,
  "budget_nanos" bigint CHECK ("budget_nanos" >= 0),
  "frozen_heads" jsonb,
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE TABLE "routing_samples" (
  "request_id" text NOT NULL,
  "model" text NOT NULL,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "at" timestamptz NOT NULL,
  "state" jsonb NOT NULL,
  "predicted" real NOT NULL,
  "propensity" real NOT NULL CHECK ("propensity" > 0 AND "propensity" <= 1),
  "shadow" boolean NOT NULL DEFAULT false,
  "outcome" real CHECK ("outcome" >= 0 AND "outcome" <= 1),
  "label" text CHECK ("label" IN ('feedback', 'judge', 'verifier', 'retry')),
  "cost_nanos" bigint,
  PRIMARY KEY ("request_id", "model")
);
--> statement-breakpoint
CREATE INDEX "routing_samples_organisation_at_index" ON "routing_samples" ("organisation_id", "at");
--> statement-breakpoint
CREATE TABLE "call_feedback" (
  "request_id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "score" real NOT NULL CHECK ("score" >= 0 AND "score" <= 1),
  "note" text,
  "key_id" text NOT NULL,
  "user_id" text,
  "at" timestamptz NOT NULL DEFAULT now()
);
