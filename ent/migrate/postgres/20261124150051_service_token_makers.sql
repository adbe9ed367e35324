-- +goose Up
-- modify "service_tokens" table
ALTER TABLE "service_tokens" ADD COLUMN "created_by_id" character varying NOT NULL DEFAULT '';
