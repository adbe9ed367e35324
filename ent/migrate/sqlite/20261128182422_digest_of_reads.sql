-- +goose Up
-- drop index "credentialread_day" from table: "credential_reads"
DROP INDEX `credentialread_day`;
-- create index "credentialread_day_id" to table: "credential_reads"
CREATE INDEX `credentialread_day_id` ON `credential_reads` (`day`, `id`);
-- create "read_digests" table
CREATE TABLE `read_digests` (
  `id` text NOT NULL,
  `through` datetime NULL,
  PRIMARY KEY (`id`)
);
