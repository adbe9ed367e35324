-- +goose Up
-- modify "keysets" table
ALTER TABLE "keysets" ADD COLUMN "trail_anchor" character varying NULL, ADD COLUMN "trail_mac" bytea NULL;
