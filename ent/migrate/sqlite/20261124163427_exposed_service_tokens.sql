-- +goose Up
-- add column "exposed_at" to table: "service_tokens"
ALTER TABLE `service_tokens` ADD COLUMN `exposed_at` datetime NULL;
