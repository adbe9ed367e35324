-- +goose Up
-- add column "trouble" to table: "clients"
ALTER TABLE `clients` ADD COLUMN `trouble` text NOT NULL DEFAULT '0';
-- create index "clients_active_by_trouble" to table: "clients"
CREATE INDEX `clients_active_by_trouble` ON `clients` (`trouble`, `id`) WHERE archived_at IS NULL;
-- create index "clients_archived_by_trouble" to table: "clients"
CREATE INDEX `clients_archived_by_trouble` ON `clients` (`trouble`, `id`) WHERE archived_at IS NOT NULL;
-- add column "account_name" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `account_name` text NULL;
-- add column "account_document" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `account_document` text NULL;
-- add column "provider_state" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `provider_state` json NULL;
-- add column "provider_message" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `provider_message` text NULL;
-- add column "failures" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `failures` integer NOT NULL DEFAULT 0;
-- add column "lease_until" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `lease_until` datetime NULL;
-- add column "lease_by" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `lease_by` text NULL;
-- add column "renewal_begun_at" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `renewal_begun_at` datetime NULL;
-- add column "renewed_at" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `renewed_at` datetime NULL;
-- add column "previous_sealed" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `previous_sealed` blob NULL;
-- add column "previous_until" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `previous_until` datetime NULL;
-- create index "marketplace_provider_next_check_at" to table: "marketplaces"
CREATE INDEX `marketplace_provider_next_check_at` ON `marketplaces` (`provider`, `next_check_at`);
-- create index "marketplace_client_id" to table: "marketplaces"
CREATE INDEX `marketplace_client_id` ON `marketplaces` (`client_id`);
-- create index "marketplace_credentials_expire_at" to table: "marketplaces"
CREATE INDEX `marketplace_credentials_expire_at` ON `marketplaces` (`credentials_expire_at`);
-- create index "marketplace_renewed_at" to table: "marketplaces"
CREATE INDEX `marketplace_renewed_at` ON `marketplaces` (`renewed_at`);
-- create index "marketplace_previous_until" to table: "marketplaces"
CREATE INDEX `marketplace_previous_until` ON `marketplaces` (`previous_until`);
-- create "install_links" table
CREATE TABLE `install_links` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `hash` blob NOT NULL,
  `created_by` text NOT NULL,
  `expires_at` datetime NOT NULL,
  `used_at` datetime NULL,
  `revoked_at` datetime NULL,
  `marketplace_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `install_links_marketplaces_install_links` FOREIGN KEY (`marketplace_id`) REFERENCES `marketplaces` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "install_links_hash_key" to table: "install_links"
CREATE UNIQUE INDEX `install_links_hash_key` ON `install_links` (`hash`);
-- create index "installlink_marketplace_id_id" to table: "install_links"
CREATE INDEX `installlink_marketplace_id_id` ON `install_links` (`marketplace_id`, `id`);
-- create "install_states" table
CREATE TABLE `install_states` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `hash` blob NOT NULL,
  `browser_hash` blob NOT NULL,
  `link_id` text NULL,
  `operator_id` text NULL,
  `expires_at` datetime NOT NULL,
  `marketplace_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `install_states_marketplaces_install_states` FOREIGN KEY (`marketplace_id`) REFERENCES `marketplaces` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "install_states_hash_key" to table: "install_states"
CREATE UNIQUE INDEX `install_states_hash_key` ON `install_states` (`hash`);
-- create index "installstate_marketplace_id" to table: "install_states"
CREATE INDEX `installstate_marketplace_id` ON `install_states` (`marketplace_id`);
-- create index "installstate_expires_at" to table: "install_states"
CREATE INDEX `installstate_expires_at` ON `install_states` (`expires_at`);
-- create "provider_notices" table
CREATE TABLE `provider_notices` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `provider` text NOT NULL,
  `topic` text NOT NULL,
  `external_account` text NOT NULL,
  `closed_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- create index "providernotice_closed_at_id" to table: "provider_notices"
CREATE INDEX `providernotice_closed_at_id` ON `provider_notices` (`closed_at`, `id`);
-- create "provider_settings" table
CREATE TABLE `provider_settings` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `provider` text NOT NULL,
  `values` json NOT NULL,
  `secrets_sealed` blob NULL,
  `secret_states` json NULL,
  PRIMARY KEY (`id`)
);
-- create index "provider_settings_provider_key" to table: "provider_settings"
CREATE UNIQUE INDEX `provider_settings_provider_key` ON `provider_settings` (`provider`);
-- create "unclaimed_installations" table
CREATE TABLE `unclaimed_installations` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `provider` text NOT NULL,
  `external_account` text NOT NULL,
  `account_name` text NULL,
  `account_document` text NULL,
  `provider_state` json NULL,
  `secrets_sealed` blob NOT NULL,
  PRIMARY KEY (`id`)
);
-- create index "unclaimedinstallation_provider_external_account" to table: "unclaimed_installations"
CREATE UNIQUE INDEX `unclaimedinstallation_provider_external_account` ON `unclaimed_installations` (`provider`, `external_account`);
-- what was saved and never checked is checked now
UPDATE marketplaces SET next_check_at = health_since WHERE health_reason = 'NOT_CHECKED_YET';
