-- +goose Up
-- add column "exposed_at" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `exposed_at` datetime NULL;
