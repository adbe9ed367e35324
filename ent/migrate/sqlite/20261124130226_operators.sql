-- +goose Up
-- add column "operator_id" to table: "one_time_tokens"
ALTER TABLE `one_time_tokens` ADD COLUMN `operator_id` text NULL;
-- add column "data_sealed" to table: "one_time_tokens"
ALTER TABLE `one_time_tokens` ADD COLUMN `data_sealed` blob NULL;
-- add column "tries" to table: "one_time_tokens"
ALTER TABLE `one_time_tokens` ADD COLUMN `tries` integer NOT NULL DEFAULT 0;
-- create index "onetimetoken_operator_id_purpose" to table: "one_time_tokens"
CREATE INDEX `onetimetoken_operator_id_purpose` ON `one_time_tokens` (`operator_id`, `purpose`);
-- add column "last_login_at" to table: "operators"
ALTER TABLE `operators` ADD COLUMN `last_login_at` datetime NULL;
-- add column "second_factor" to table: "operators"
ALTER TABLE `operators` ADD COLUMN `second_factor` bool NOT NULL DEFAULT false;
-- add column "totp_sealed" to table: "operators"
ALTER TABLE `operators` ADD COLUMN `totp_sealed` blob NULL;
-- add column "totp_since" to table: "operators"
ALTER TABLE `operators` ADD COLUMN `totp_since` datetime NULL;
-- add column "totp_step" to table: "operators"
ALTER TABLE `operators` ADD COLUMN `totp_step` integer NOT NULL DEFAULT 0;
-- add column "methods" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `methods` text NOT NULL DEFAULT 'pwd';
-- add column "browser" to table: "sessions"
ALTER TABLE `sessions` ADD COLUMN `browser` text NOT NULL DEFAULT '';
-- create index "session_operator_id_address" to table: "sessions"
CREATE INDEX `session_operator_id_address` ON `sessions` (`operator_id`, `address`);
-- create "passkeys" table
CREATE TABLE `passkeys` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `credential_id` blob NOT NULL,
  `credential` json NOT NULL,
  `name` text NOT NULL,
  `last_used_at` datetime NULL,
  `operator_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `passkeys_operators_passkeys` FOREIGN KEY (`operator_id`) REFERENCES `operators` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "passkeys_credential_id_key" to table: "passkeys"
CREATE UNIQUE INDEX `passkeys_credential_id_key` ON `passkeys` (`credential_id`);
-- create index "passkey_operator_id_id" to table: "passkeys"
CREATE INDEX `passkey_operator_id_id` ON `passkeys` (`operator_id`, `id`);
-- create "recovery_codes" table
CREATE TABLE `recovery_codes` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `hash` blob NOT NULL,
  `used_at` datetime NULL,
  `operator_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `recovery_codes_operators_recovery_codes` FOREIGN KEY (`operator_id`) REFERENCES `operators` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "recovery_codes_hash_key" to table: "recovery_codes"
CREATE UNIQUE INDEX `recovery_codes_hash_key` ON `recovery_codes` (`hash`);
-- create index "recoverycode_operator_id" to table: "recovery_codes"
CREATE INDEX `recoverycode_operator_id` ON `recovery_codes` (`operator_id`);
-- create "service_tokens" table
CREATE TABLE `service_tokens` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `name` text NOT NULL,
  `role` text NOT NULL,
  `visible_part` text NOT NULL,
  `last4` text NOT NULL,
  `hash` blob NOT NULL,
  `created_by` text NOT NULL,
  `expires_at` datetime NOT NULL,
  `revoked_at` datetime NULL,
  `last_used_at` datetime NULL,
  `last_used_address` text NULL,
  PRIMARY KEY (`id`)
);
-- create index "service_tokens_visible_part_key" to table: "service_tokens"
CREATE UNIQUE INDEX `service_tokens_visible_part_key` ON `service_tokens` (`visible_part`);
-- create "throttles" table
CREATE TABLE `throttles` (
  `id` text NOT NULL,
  `failures` integer NOT NULL DEFAULT 0,
  `since` datetime NOT NULL,
  `until` datetime NULL,
  `expires_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- create index "throttle_expires_at" to table: "throttles"
CREATE INDEX `throttle_expires_at` ON `throttles` (`expires_at`);
