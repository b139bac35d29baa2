CREATE TABLE "routing_groups" (
  "name" text PRIMARY KEY,
  "settings" jsonb NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
