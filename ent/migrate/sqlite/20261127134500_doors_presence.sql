-- +goose Up
-- add column "bait_since" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `bait_since` datetime NULL;
-- add column "bait_used_at" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `bait_used_at` datetime NULL;
-- add column "bait_since" to table: "clients"
ALTER TABLE `clients` ADD COLUMN `bait_since` datetime NULL;
-- add column "proven_at" to table: "provider_notices"
ALTER TABLE `provider_notices` ADD COLUMN `proven_at` datetime NULL;
-- add column "last_browser" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `last_browser` text NULL;
-- add column "last_address" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `last_address` text NULL;
-- add column "last_agent_hash" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `last_agent_hash` blob NULL;
-- add column "moved_at" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `moved_at` datetime NULL;
-- add column "changes_since" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `changes_since` datetime NULL;
