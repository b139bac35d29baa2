CREATE TABLE "gateway_providers" (
  "id" text PRIMARY KEY,
  "settings" jsonb,
  "enabled" boolean NOT NULL DEFAULT true,
  "hint" text,
  "sealed" text,
  "wrapped_key" text,
  "master_version" integer,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE TABLE "gateway_models" (
  "id" text PRIMARY KEY,
  "facts" jsonb NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE TABLE "gateway_branding" (
  "id" integer PRIMARY KEY DEFAULT 1 CHECK ("id" = 1),
  "settings" jsonb NOT NULL,
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
