CREATE TABLE "keys" (
  "id" text PRIMARY KEY,
  "name" text NOT NULL,
  "hash" text NOT NULL UNIQUE,
  "hint" text NOT NULL,
  "role" text NOT NULL CHECK ("role" IN ('admin', 'member')),
  "models" jsonb,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "expires_at" timestamptz,
  "revoked_at" timestamptz,
  "last_used_at" timestamptz
);
--> statement-breakpoint
CREATE TABLE "calls" (
  "request_id" text NOT NULL,
  "kind" text NOT NULL,
  "at" timestamptz NOT NULL,
  "key_id" text NOT NULL,
  "key_name" text NOT NULL,
  "operation" text NOT NULL,
  "dialect" text NOT NULL,
  "stream" boolean NOT NULL,
  "model_asked" text NOT NULL,
  "model_used" text,
  "provider" text,
  "wire" text,
  "input" bigint NOT NULL,
  "cache_read" bigint NOT NULL,
  "cache_write" bigint NOT NULL,
  "cache_write_1h" bigint NOT NULL,
  "audio_input" bigint NOT NULL,
  "output" bigint NOT NULL,
  "reasoning" bigint NOT NULL,
  "audio_output" bigint NOT NULL,
  "estimated" boolean NOT NULL,
  "cost_nanos" bigint,
  "baseline_nanos" bigint,
  "latency_ms" double precision NOT NULL,
  "first_token_ms" double precision,
  "route" text,
  "attempts" jsonb NOT NULL,
  "losses" text,
  "tags" jsonb NOT NULL,
  "finish" text,
  "outcome" text NOT NULL,
  "status" integer NOT NULL,
  "error_code" text,
  "error_message" text,
  "upstream_request_id" text,
  PRIMARY KEY ("request_id", "kind")
);
--> statement-breakpoint
CREATE INDEX "calls_at" ON "calls" ("at");
--> statement-breakpoint
CREATE INDEX "calls_key_at" ON "calls" ("key_id", "at");
--> statement-breakpoint
CREATE TABLE "responses" (
  "id" text PRIMARY KEY,
  "key_id" text NOT NULL,
  "previous_id" text,
  "items" jsonb NOT NULL,
  "body" jsonb NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "responses_created" ON "responses" ("created_at");
--> statement-breakpoint
CREATE INDEX "responses_key" ON "responses" ("key_id", "created_at");
