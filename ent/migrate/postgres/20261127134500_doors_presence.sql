-- +goose Up
-- modify "access_keys" table
ALTER TABLE "access_keys" ADD COLUMN "bait_since" timestamptz NULL, ADD COLUMN "bait_used_at" timestamptz NULL;
-- modify "clients" table
ALTER TABLE "clients" ADD COLUMN "bait_since" timestamptz NULL;
-- modify "provider_notices" table
ALTER TABLE "provider_notices" ADD COLUMN "proven_at" timestamptz NULL;
-- modify "sessions" table
ALTER TABLE "sessions" ADD COLUMN "last_browser" character varying NULL, ADD COLUMN "last_address" character varying NULL, ADD COLUMN "last_agent_hash" bytea NULL, ADD COLUMN "moved_at" timestamptz NULL, ADD COLUMN "changes_since" timestamptz NULL;
