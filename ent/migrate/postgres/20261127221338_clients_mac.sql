-- +goose Up
-- modify "clients" table
ALTER TABLE "clients" ADD COLUMN "mac" bytea NULL;
