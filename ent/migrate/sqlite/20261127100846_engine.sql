-- +goose Up
-- add column "renew_at" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `renew_at` datetime NULL;
-- add column "minted_at" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `minted_at` datetime NULL;
-- add column "unread_sealed" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `unread_sealed` blob NULL;
-- add column "unread_until" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `unread_until` datetime NULL;
-- create index "marketplaces_to_renew" to table: "marketplaces"
CREATE INDEX `marketplaces_to_renew` ON `marketplaces` (`provider`, `renew_at`, `credentials_expire_at`, `next_check_at`);
-- create index "marketplace_lease_by" to table: "marketplaces"
CREATE INDEX `marketplace_lease_by` ON `marketplaces` (`lease_by`) WHERE lease_by IS NOT NULL;
-- create index "marketplace_unread_until" to table: "marketplaces"
CREATE INDEX `marketplace_unread_until` ON `marketplaces` (`unread_until`) WHERE unread_until IS NOT NULL;
-- create index "marketplaces_turned_bad" to table: "marketplaces"
CREATE INDEX `marketplaces_turned_bad` ON `marketplaces` (`provider`, `health_since`) WHERE health_state IN ('FAILING', 'NEEDS_ATTENTION', 'SUSPENDED');
-- add column "house_refused_at" to table: "provider_settings"
ALTER TABLE `provider_settings` ADD COLUMN `house_refused_at` datetime NULL;
-- create "instances" table
CREATE TABLE `instances` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `beat` integer NOT NULL DEFAULT 0,
  `seen_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- create "provider_incidents" table
CREATE TABLE `provider_incidents` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `provider` text NOT NULL,
  `opened_at` datetime NOT NULL,
  `closed_at` datetime NULL,
  `affected` integer NOT NULL DEFAULT 0,
  `connections` integer NOT NULL DEFAULT 0,
  `evidence` text NULL,
  PRIMARY KEY (`id`)
);
-- create index "provider_incidents_open" to table: "provider_incidents"
CREATE UNIQUE INDEX `provider_incidents_open` ON `provider_incidents` (`provider`) WHERE closed_at IS NULL;
-- create index "providerincident_opened_at_id" to table: "provider_incidents"
CREATE INDEX `providerincident_opened_at_id` ON `provider_incidents` (`opened_at`, `id`);
