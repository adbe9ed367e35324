-- +goose Up
-- add column "mac" to table: "clients"
ALTER TABLE `clients` ADD COLUMN `mac` blob NULL;
