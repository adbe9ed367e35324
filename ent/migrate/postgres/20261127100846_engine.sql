-- +goose Up
-- modify "marketplaces" table
ALTER TABLE "marketplaces" ADD COLUMN "renew_at" timestamptz NULL, ADD COLUMN "minted_at" timestamptz NULL, ADD COLUMN "unread_sealed" bytea NULL, ADD COLUMN "unread_until" timestamptz NULL;
-- create index "marketplace_lease_by" to table: "marketplaces"
CREATE INDEX "marketplace_lease_by" ON "marketplaces" ("lease_by") WHERE (lease_by IS NOT NULL);
-- create index "marketplaces_to_renew" to table: "marketplaces"
CREATE INDEX "marketplaces_to_renew" ON "marketplaces" ("provider", "renew_at", "credentials_expire_at", "next_check_at");
-- create index "marketplace_unread_until" to table: "marketplaces"
CREATE INDEX "marketplace_unread_until" ON "marketplaces" ("unread_until") WHERE (unread_until IS NOT NULL);
-- create index "marketplaces_turned_bad" to table: "marketplaces"
CREATE INDEX "marketplaces_turned_bad" ON "marketplaces" ("provider", "health_since") WHERE (health_state IN ('FAILING', 'NEEDS_ATTENTION', 'SUSPENDED'));
-- modify "provider_settings" table
ALTER TABLE "provider_settings" ADD COLUMN "house_refused_at" timestamptz NULL;
-- create "instances" table
CREATE TABLE "instances" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "beat" bigint NOT NULL DEFAULT 0,
  "seen_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
-- create "provider_incidents" table
CREATE TABLE "provider_incidents" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "provider" character varying NOT NULL,
  "opened_at" timestamptz NOT NULL,
  "closed_at" timestamptz NULL,
  "affected" bigint NOT NULL DEFAULT 0,
  "connections" bigint NOT NULL DEFAULT 0,
  "evidence" character varying NULL,
  PRIMARY KEY ("id")
);
-- create index "provider_incidents_open" to table: "provider_incidents"
CREATE UNIQUE INDEX "provider_incidents_open" ON "provider_incidents" ("provider") WHERE (closed_at IS NULL);
-- create index "providerincident_opened_at_id" to table: "provider_incidents"
CREATE INDEX "providerincident_opened_at_id" ON "provider_incidents" ("opened_at", "id");
