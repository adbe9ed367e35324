-- +goose Up
-- add column "health_reason_since" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `health_reason_since` datetime NULL;
-- create "health_intervals" table
CREATE TABLE `health_intervals` (
  `id` integer NOT NULL,
  `marketplace` integer NOT NULL,
  `reason` integer NOT NULL,
  `since` integer NOT NULL,
  `until` integer NOT NULL,
  PRIMARY KEY (`id`)
);
-- create index "healthinterval_marketplace_until" to table: "health_intervals"
CREATE INDEX `healthinterval_marketplace_until` ON `health_intervals` (`marketplace`, `until`);
-- create "hourly_counts" table
CREATE TABLE `hourly_counts` (
  `id` text NOT NULL,
  `n` integer NOT NULL,
  PRIMARY KEY (`id`)
);
