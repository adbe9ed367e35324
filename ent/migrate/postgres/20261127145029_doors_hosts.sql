-- +goose Up
-- modify "install_states" table
ALTER TABLE "install_states" ADD COLUMN "spent_at" timestamptz NULL, ADD COLUMN "ending" character varying NULL, ADD COLUMN "owner_id" character varying NULL;
-- modify "marketplaces" table
ALTER TABLE "marketplaces" ADD COLUMN "secrets_host" character varying NULL, ADD COLUMN "confirmed_document" character varying NULL;
-- create index "marketplaces_of_another_shop" to table: "marketplaces"
CREATE INDEX "marketplaces_of_another_shop" ON "marketplaces" ("client_id") WHERE ((health_reason)::text = 'WRONG_SHOP'::text);
-- modify "provider_settings" table
ALTER TABLE "provider_settings" ADD COLUMN "secrets_host" character varying NULL, ADD COLUMN "changed_at" timestamptz NULL, ADD COLUMN "changed_by" character varying NULL, ADD COLUMN "changed_by_id" character varying NULL;
-- modify "unclaimed_installations" table
ALTER TABLE "unclaimed_installations" ADD COLUMN "secrets_host" character varying NULL;
