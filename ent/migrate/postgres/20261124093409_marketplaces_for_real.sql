-- +goose Up
-- modify "clients" table
ALTER TABLE "clients" ADD COLUMN "trouble" character varying NOT NULL DEFAULT '0';
-- create index "clients_active_by_trouble" to table: "clients"
CREATE INDEX "clients_active_by_trouble" ON "clients" ("trouble", "id") WHERE (archived_at IS NULL);
-- create index "clients_archived_by_trouble" to table: "clients"
CREATE INDEX "clients_archived_by_trouble" ON "clients" ("trouble", "id") WHERE (archived_at IS NOT NULL);
-- modify "marketplaces" table
ALTER TABLE "marketplaces" ADD COLUMN "account_name" character varying NULL, ADD COLUMN "account_document" character varying NULL, ADD COLUMN "provider_state" jsonb NULL, ADD COLUMN "provider_message" character varying NULL, ADD COLUMN "failures" bigint NOT NULL DEFAULT 0, ADD COLUMN "lease_until" timestamptz NULL, ADD COLUMN "lease_by" character varying NULL, ADD COLUMN "renewal_begun_at" timestamptz NULL, ADD COLUMN "renewed_at" timestamptz NULL, ADD COLUMN "previous_sealed" bytea NULL, ADD COLUMN "previous_until" timestamptz NULL;
-- create index "marketplace_client_id" to table: "marketplaces"
CREATE INDEX "marketplace_client_id" ON "marketplaces" ("client_id");
-- create index "marketplace_credentials_expire_at" to table: "marketplaces"
CREATE INDEX "marketplace_credentials_expire_at" ON "marketplaces" ("credentials_expire_at");
-- create index "marketplace_previous_until" to table: "marketplaces"
CREATE INDEX "marketplace_previous_until" ON "marketplaces" ("previous_until");
-- create index "marketplace_provider_next_check_at" to table: "marketplaces"
CREATE INDEX "marketplace_provider_next_check_at" ON "marketplaces" ("provider", "next_check_at");
-- create index "marketplace_renewed_at" to table: "marketplaces"
CREATE INDEX "marketplace_renewed_at" ON "marketplaces" ("renewed_at");
-- create "provider_notices" table
CREATE TABLE "provider_notices" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "provider" character varying NOT NULL,
  "topic" character varying NOT NULL,
  "external_account" character varying NOT NULL,
  "closed_at" timestamptz NULL,
  PRIMARY KEY ("id")
);
-- create index "providernotice_closed_at_id" to table: "provider_notices"
CREATE INDEX "providernotice_closed_at_id" ON "provider_notices" ("closed_at", "id");
-- create "provider_settings" table
CREATE TABLE "provider_settings" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "provider" character varying NOT NULL,
  "values" jsonb NOT NULL,
  "secrets_sealed" bytea NULL,
  "secret_states" jsonb NULL,
  PRIMARY KEY ("id")
);
-- create index "provider_settings_provider_key" to table: "provider_settings"
CREATE UNIQUE INDEX "provider_settings_provider_key" ON "provider_settings" ("provider");
-- create "unclaimed_installations" table
CREATE TABLE "unclaimed_installations" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "provider" character varying NOT NULL,
  "external_account" character varying NOT NULL,
  "account_name" character varying NULL,
  "account_document" character varying NULL,
  "provider_state" jsonb NULL,
  "secrets_sealed" bytea NOT NULL,
  PRIMARY KEY ("id")
);
-- create index "unclaimedinstallation_provider_external_account" to table: "unclaimed_installations"
CREATE UNIQUE INDEX "unclaimedinstallation_provider_external_account" ON "unclaimed_installations" ("provider", "external_account");
-- create "install_links" table
CREATE TABLE "install_links" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "hash" bytea NOT NULL,
  "created_by" character varying NOT NULL,
  "expires_at" timestamptz NOT NULL,
  "used_at" timestamptz NULL,
  "revoked_at" timestamptz NULL,
  "marketplace_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "install_links_marketplaces_install_links" FOREIGN KEY ("marketplace_id") REFERENCES "marketplaces" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "install_links_hash_key" to table: "install_links"
CREATE UNIQUE INDEX "install_links_hash_key" ON "install_links" ("hash");
-- create index "installlink_marketplace_id_id" to table: "install_links"
CREATE INDEX "installlink_marketplace_id_id" ON "install_links" ("marketplace_id", "id");
-- create "install_states" table
CREATE TABLE "install_states" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "hash" bytea NOT NULL,
  "browser_hash" bytea NOT NULL,
  "link_id" character varying NULL,
  "operator_id" character varying NULL,
  "expires_at" timestamptz NOT NULL,
  "marketplace_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "install_states_marketplaces_install_states" FOREIGN KEY ("marketplace_id") REFERENCES "marketplaces" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "install_states_hash_key" to table: "install_states"
CREATE UNIQUE INDEX "install_states_hash_key" ON "install_states" ("hash");
-- create index "installstate_expires_at" to table: "install_states"
CREATE INDEX "installstate_expires_at" ON "install_states" ("expires_at");
-- create index "installstate_marketplace_id" to table: "install_states"
CREATE INDEX "installstate_marketplace_id" ON "install_states" ("marketplace_id");
-- what was saved and never checked is checked now
UPDATE marketplaces SET next_check_at = health_since WHERE health_reason = 'NOT_CHECKED_YET';
