-- +goose Up
-- create index "marketplaces_without_host" to table: "marketplaces"
CREATE INDEX "marketplaces_without_host" ON "marketplaces" ("secrets_host", "id") WHERE (secrets_host IS NULL);
