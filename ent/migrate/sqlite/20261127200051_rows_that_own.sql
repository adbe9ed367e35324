-- +goose Up
-- add column "mac" to table: "client_products"
ALTER TABLE `client_products` ADD COLUMN `mac` blob NULL;
-- add column "mac" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `mac` blob NULL;
