-- +goose Up
-- drop index "marketplace_credentials_expire_at" from table: "marketplaces"
DROP INDEX "marketplace_credentials_expire_at";
-- drop index "marketplace_previous_until" from table: "marketplaces"
DROP INDEX "marketplace_previous_until";
-- drop index "marketplace_provider_next_check_at" from table: "marketplaces"
DROP INDEX "marketplace_provider_next_check_at";
-- drop index "marketplace_renewed_at" from table: "marketplaces"
DROP INDEX "marketplace_renewed_at";
-- drop index "marketplaces_to_renew" from table: "marketplaces"
DROP INDEX "marketplaces_to_renew";
-- create index "marketplace_credentials_expire_at" to table: "marketplaces"
CREATE INDEX "marketplace_credentials_expire_at" ON "marketplaces" ("credentials_expire_at") WHERE (credentials_expire_at IS NOT NULL);
-- create index "marketplace_previous_until" to table: "marketplaces"
CREATE INDEX "marketplace_previous_until" ON "marketplaces" ("previous_until") WHERE (previous_until IS NOT NULL);
-- create index "marketplace_provider_next_check_at" to table: "marketplaces"
CREATE INDEX "marketplace_provider_next_check_at" ON "marketplaces" ("provider", "next_check_at") WHERE (next_check_at IS NOT NULL);
-- create index "marketplace_renewed_at" to table: "marketplaces"
CREATE INDEX "marketplace_renewed_at" ON "marketplaces" ("renewed_at") WHERE (renewed_at IS NOT NULL);
-- create index "marketplaces_to_renew" to table: "marketplaces"
CREATE INDEX "marketplaces_to_renew" ON "marketplaces" ("provider", "renew_at", "credentials_expire_at", "next_check_at") WHERE (renew_at IS NOT NULL);
