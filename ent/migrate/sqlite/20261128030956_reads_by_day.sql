-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_credential_reads" table
CREATE TABLE `new_credential_reads` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `access_key_id` text NOT NULL,
  `client_id` text NOT NULL,
  `marketplace_id` text NOT NULL,
  `credential_version` integer NOT NULL,
  `address` text NOT NULL,
  `day` datetime NOT NULL,
  `count` integer NOT NULL,
  `first_at` datetime NOT NULL,
  `last_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- The reads of an hour become those of a day: the counts of its hours are summed up. A time is a text in UTC.
INSERT INTO `new_credential_reads` (`id`, `created_at`, `access_key_id`, `client_id`, `marketplace_id`, `credential_version`, `address`, `day`, `count`, `first_at`, `last_at`)
SELECT min(`id`), min(`created_at`), `access_key_id`, min(`client_id`), `marketplace_id`, `credential_version`, `address`,
  substr(`hour`, 1, 10) || ' 00:00:00+00:00', sum(`count`), min(`first_at`), max(`last_at`)
FROM `credential_reads`
GROUP BY `access_key_id`, `marketplace_id`, `credential_version`, `address`, substr(`hour`, 1, 10);
-- drop "credential_reads" table after copying rows
DROP TABLE `credential_reads`;
-- rename temporary table "new_credential_reads" to "credential_reads"
ALTER TABLE `new_credential_reads` RENAME TO `credential_reads`;
-- create index "credential_reads_once" to table: "credential_reads"
CREATE UNIQUE INDEX `credential_reads_once` ON `credential_reads` (`access_key_id`, `marketplace_id`, `credential_version`, `address`, `day`);
-- create index "credentialread_access_key_id_id" to table: "credential_reads"
CREATE INDEX `credentialread_access_key_id_id` ON `credential_reads` (`access_key_id`, `id`);
-- create index "credentialread_client_id" to table: "credential_reads"
CREATE INDEX `credentialread_client_id` ON `credential_reads` (`client_id`);
-- create index "credentialread_day" to table: "credential_reads"
CREATE INDEX `credentialread_day` ON `credential_reads` (`day`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
