-- +goose Up
-- modify "service_tokens" table
ALTER TABLE "service_tokens" ADD COLUMN "exposed_at" timestamptz NULL;
