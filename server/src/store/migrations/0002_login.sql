CREATE TABLE "sessions" (
  "id" text PRIMARY KEY,
  "user_id" text NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "token" text NOT NULL UNIQUE,
  "ip_address" text,
  "user_agent" text,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  "expires_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" ("user_id");
--> statement-breakpoint
CREATE INDEX "sessions_expires" ON "sessions" ("expires_at");
--> statement-breakpoint
CREATE TABLE "accounts" (
  "id" text PRIMARY KEY,
  "user_id" text NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "provider_id" text NOT NULL,
  "account_id" text NOT NULL,
  "access_token" text,
  "refresh_token" text,
  "id_token" text,
  "access_token_expires_at" timestamptz,
  "refresh_token_expires_at" timestamptz,
  "scope" text,
  "password" text,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  UNIQUE ("account_id", "provider_id")
);
--> statement-breakpoint
CREATE INDEX "accounts_user" ON "accounts" ("user_id");
--> statement-breakpoint
CREATE TABLE "verifications" (
  "id" text PRIMARY KEY,
  "identifier" text NOT NULL,
  "value" text NOT NULL,
  "expires_at" timestamptz NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "verifications_identifier" ON "verifications" ("identifier");
--> statement-breakpoint
CREATE INDEX "verifications_expires" ON "verifications" ("expires_at");
--> statement-breakpoint
CREATE TABLE "passkeys" (
  "id" text PRIMARY KEY,
  "user_id" text NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "name" text,
  "public_key" text NOT NULL,
  "credential_id" text NOT NULL UNIQUE,
  "counter" bigint NOT NULL,
  "device_type" text NOT NULL,
  "backed_up" boolean NOT NULL,
  "transports" text,
  "aaguid" text,
  "created_at" timestamptz DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "passkeys_user" ON "passkeys" ("user_id");
--> statement-breakpoint
CREATE TABLE "two_factors" (
  "id" text PRIMARY KEY,
  "user_id" text NOT NULL UNIQUE REFERENCES "users" ("id") ON DELETE CASCADE,
  "secret" text NOT NULL,
  "backup_codes" text NOT NULL,
  "verified" boolean NOT NULL DEFAULT true,
  "failed_verification_count" integer NOT NULL DEFAULT 0,
  "locked_until" timestamptz
);
--> statement-breakpoint
CREATE FUNCTION "end_sessions_of_suspended_user"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "sessions" WHERE "user_id" = NEW."id";
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "users_suspended" AFTER UPDATE OF "status" ON "users"
  FOR EACH ROW WHEN (NEW."status" = 'suspended') EXECUTE FUNCTION "end_sessions_of_suspended_user"();
