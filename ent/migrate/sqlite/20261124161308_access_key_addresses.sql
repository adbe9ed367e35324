-- +goose Up
-- add column "addresses" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `addresses` json NULL;
-- add column "refused_at" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `refused_at` datetime NULL;
-- add column "refused_address" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `refused_address` text NULL;
