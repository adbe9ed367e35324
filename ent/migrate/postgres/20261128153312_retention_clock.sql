-- +goose Up
-- create "retention_clocks" table
CREATE TABLE "retention_clocks" (
  "id" character varying NOT NULL,
  "believed_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
