-- +goose Up
-- modify "marketplaces" table
ALTER TABLE "marketplaces" ADD COLUMN "health_reason_since" timestamptz NULL;
-- create "health_intervals" table
CREATE TABLE "health_intervals" (
  "id" bigint NOT NULL,
  "marketplace" bigint NOT NULL,
  "reason" bigint NOT NULL,
  "since" bigint NOT NULL,
  "until" bigint NOT NULL,
  PRIMARY KEY ("id")
);
-- create index "healthinterval_marketplace_until" to table: "health_intervals"
CREATE INDEX "healthinterval_marketplace_until" ON "health_intervals" ("marketplace", "until");
-- create "hourly_counts" table
CREATE TABLE "hourly_counts" (
  "id" character varying NOT NULL,
  "n" bigint NOT NULL,
  PRIMARY KEY ("id")
);
