-- +goose Up
-- modify "access_keys" table
ALTER TABLE "access_keys" ADD COLUMN "exposed_at" timestamptz NULL;
