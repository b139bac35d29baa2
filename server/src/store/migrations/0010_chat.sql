CREATE TABLE "folders" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "owner_id" text NOT NULL,
  "kind" text NOT NULL CHECK ("kind" IN ('folder', 'project')),
  "name" text NOT NULL,
  "instructions" text,
  "settings" jsonb NOT NULL DEFAULT '{}',
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "folders_owner_index" ON "folders" ("owner_id");
--> statement-breakpoint
CREATE TABLE "conversations" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "owner_id" text NOT NULL,
  "folder_id" text REFERENCES "folders" ("id") ON DELETE SET NULL,
  "title" text NOT NULL,
  "titled" boolean NOT NULL DEFAULT false,
  "pinned" boolean NOT NULL DEFAULT false,
  "tags" jsonb NOT NULL DEFAULT '[]',
  "settings" jsonb NOT NULL DEFAULT '{}',
  "head_id" text,
  "expires_at" timestamptz,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "conversations_owner_updated_index" ON "conversations" ("owner_id", "updated_at");
--> statement-breakpoint
CREATE INDEX "conversations_expires_index" ON "conversations" ("expires_at") WHERE "expires_at" IS NOT NULL;
--> statement-breakpoint
CREATE TABLE "chat_messages" (
  "id" text PRIMARY KEY,
  "conversation_id" text NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE,
  "parent_id" text REFERENCES "chat_messages" ("id") ON DELETE CASCADE,
  "role" text NOT NULL CHECK ("role" IN ('user', 'assistant')),
  "parts" jsonb NOT NULL,
  "state" text NOT NULL CHECK ("state" IN ('generating', 'done', 'stopped', 'failed', 'interrupted')),
  "metadata" jsonb NOT NULL DEFAULT '{}',
  "rating" text CHECK ("rating" IN ('up', 'down')),
  "rating_note" text,
  "words" text NOT NULL DEFAULT '',
  "search" tsvector GENERATED ALWAYS AS (to_tsvector('simple', left("words", 200000))) STORED,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "chat_messages_conversation_index" ON "chat_messages" ("conversation_id");
--> statement-breakpoint
CREATE INDEX "chat_messages_search_index" ON "chat_messages" USING gin ("search");
--> statement-breakpoint
CREATE INDEX "chat_messages_parent_index" ON "chat_messages" ("parent_id");
--> statement-breakpoint
CREATE INDEX "chat_messages_generating_index" ON "chat_messages" ("updated_at") WHERE "state" = 'generating';
--> statement-breakpoint
CREATE TABLE "chat_shares" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "owner_id" text NOT NULL,
  "conversation_id" text NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE,
  "token_hash" text NOT NULL UNIQUE,
  "head_id" text NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "expires_at" timestamptz
);
--> statement-breakpoint
CREATE INDEX "chat_shares_conversation_index" ON "chat_shares" ("conversation_id");
--> statement-breakpoint
CREATE TABLE "files" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "owner_id" text NOT NULL,
  "folder_id" text REFERENCES "folders" ("id") ON DELETE CASCADE,
  "conversation_id" text REFERENCES "conversations" ("id") ON DELETE CASCADE,
  "name" text NOT NULL,
  "media_type" text NOT NULL,
  "size" integer NOT NULL,
  "content" bytea NOT NULL,
  "created_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "files_owner_index" ON "files" ("owner_id");
--> statement-breakpoint
CREATE INDEX "files_conversation_index" ON "files" ("conversation_id");
--> statement-breakpoint
CREATE INDEX "files_folder_index" ON "files" ("folder_id");
--> statement-breakpoint
CREATE TABLE "prompts" (
  "id" text PRIMARY KEY,
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "owner_id" text NOT NULL,
  "command" text NOT NULL,
  "title" text NOT NULL,
  "text" text NOT NULL,
  "shared" boolean NOT NULL DEFAULT false,
  "created_at" timestamptz NOT NULL DEFAULT now(),
  "updated_at" timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX "prompts_organisation_index" ON "prompts" ("organisation_id");
--> statement-breakpoint
CREATE TABLE "preferences" (
  "organisation_id" text NOT NULL REFERENCES "organisations" ("id") ON DELETE CASCADE,
  "owner_id" text NOT NULL,
  "settings" jsonb NOT NULL,
  "updated_at" timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY ("organisation_id", "owner_id")
);
