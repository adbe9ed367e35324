-- +goose Up
-- add column "created_by_id" to table: "service_tokens"
ALTER TABLE `service_tokens` ADD COLUMN `created_by_id` text NOT NULL DEFAULT '';
