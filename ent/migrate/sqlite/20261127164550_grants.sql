-- +goose Up
-- add column "mac" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "one_time_tokens"
ALTER TABLE `one_time_tokens` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "operators"
ALTER TABLE `operators` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "refresh_tokens"
ALTER TABLE `refresh_tokens` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "install_links"
ALTER TABLE `install_links` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "install_states"
ALTER TABLE `install_states` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "passkeys"
ALTER TABLE `passkeys` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "recovery_codes"
ALTER TABLE `recovery_codes` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "service_tokens"
ALTER TABLE `service_tokens` ADD COLUMN `mac` blob NULL;
