-- +goose Up
-- modify "access_keys" table
ALTER TABLE "access_keys" ADD COLUMN "addresses" jsonb NULL, ADD COLUMN "refused_at" timestamptz NULL, ADD COLUMN "refused_address" character varying NULL;
