-- +goose Up
-- create index "auditevent_action_id" to table: "audit_events"
CREATE INDEX `auditevent_action_id` ON `audit_events` (`action`, `id`);
-- add column "erased_at" to table: "clients"
ALTER TABLE `clients` ADD COLUMN `erased_at` datetime NULL;
-- add column "erased_document" to table: "clients"
ALTER TABLE `clients` ADD COLUMN `erased_document` blob NULL;
-- create index "clientrecord_erased_document" to table: "clients"
CREATE INDEX `clientrecord_erased_document` ON `clients` (`erased_document`);
-- create "credential_reads" table
CREATE TABLE `credential_reads` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `access_key_id` text NOT NULL,
  `client_id` text NOT NULL,
  `marketplace_id` text NOT NULL,
  `credential_version` integer NOT NULL,
  `address` text NOT NULL,
  `hour` datetime NOT NULL,
  `count` integer NOT NULL,
  `first_at` datetime NOT NULL,
  `last_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- create index "credential_reads_once" to table: "credential_reads"
CREATE UNIQUE INDEX `credential_reads_once` ON `credential_reads` (`access_key_id`, `hour`, `address`, `marketplace_id`, `credential_version`);
-- create index "credentialread_access_key_id_id" to table: "credential_reads"
CREATE INDEX `credentialread_access_key_id_id` ON `credential_reads` (`access_key_id`, `id`);
-- create index "credentialread_client_id" to table: "credential_reads"
CREATE INDEX `credentialread_client_id` ON `credential_reads` (`client_id`);
-- create index "credentialread_hour" to table: "credential_reads"
CREATE INDEX `credentialread_hour` ON `credential_reads` (`hour`);
