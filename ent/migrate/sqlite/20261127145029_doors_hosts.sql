-- +goose Up
-- add column "secrets_host" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `secrets_host` text NULL;
-- add column "confirmed_document" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `confirmed_document` text NULL;
-- create index "marketplaces_of_another_shop" to table: "marketplaces"
CREATE INDEX `marketplaces_of_another_shop` ON `marketplaces` (`client_id`) WHERE health_reason = 'WRONG_SHOP';
-- add column "spent_at" to table: "install_states"
ALTER TABLE `install_states` ADD COLUMN `spent_at` datetime NULL;
-- add column "ending" to table: "install_states"
ALTER TABLE `install_states` ADD COLUMN `ending` text NULL;
-- add column "owner_id" to table: "install_states"
ALTER TABLE `install_states` ADD COLUMN `owner_id` text NULL;
-- add column "secrets_host" to table: "provider_settings"
ALTER TABLE `provider_settings` ADD COLUMN `secrets_host` text NULL;
-- add column "changed_at" to table: "provider_settings"
ALTER TABLE `provider_settings` ADD COLUMN `changed_at` datetime NULL;
-- add column "changed_by" to table: "provider_settings"
ALTER TABLE `provider_settings` ADD COLUMN `changed_by` text NULL;
-- add column "changed_by_id" to table: "provider_settings"
ALTER TABLE `provider_settings` ADD COLUMN `changed_by_id` text NULL;
-- add column "secrets_host" to table: "unclaimed_installations"
ALTER TABLE `unclaimed_installations` ADD COLUMN `secrets_host` text NULL;
