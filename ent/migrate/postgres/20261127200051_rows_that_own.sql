-- +goose Up
-- modify "client_products" table
ALTER TABLE "client_products" ADD COLUMN "mac" bytea NULL;
-- modify "marketplaces" table
ALTER TABLE "marketplaces" ADD COLUMN "mac" bytea NULL;
