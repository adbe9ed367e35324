-- +goose Up
-- create index "auditevent_action_id" to table: "audit_events"
CREATE INDEX "auditevent_action_id" ON "audit_events" ("action", "id");
-- modify "clients" table
ALTER TABLE "clients" ADD COLUMN "erased_at" timestamptz NULL, ADD COLUMN "erased_document" bytea NULL;
-- create index "clientrecord_erased_document" to table: "clients"
CREATE INDEX "clientrecord_erased_document" ON "clients" ("erased_document");
-- create "credential_reads" table
CREATE TABLE "credential_reads" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "access_key_id" character varying NOT NULL,
  "client_id" character varying NOT NULL,
  "marketplace_id" character varying NOT NULL,
  "credential_version" bigint NOT NULL,
  "address" character varying NOT NULL,
  "hour" timestamptz NOT NULL,
  "count" bigint NOT NULL,
  "first_at" timestamptz NOT NULL,
  "last_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
-- create index "credential_reads_once" to table: "credential_reads"
CREATE UNIQUE INDEX "credential_reads_once" ON "credential_reads" ("access_key_id", "hour", "address", "marketplace_id", "credential_version");
-- create index "credentialread_access_key_id_id" to table: "credential_reads"
CREATE INDEX "credentialread_access_key_id_id" ON "credential_reads" ("access_key_id", "id");
-- create index "credentialread_client_id" to table: "credential_reads"
CREATE INDEX "credentialread_client_id" ON "credential_reads" ("client_id");
-- create index "credentialread_hour" to table: "credential_reads"
CREATE INDEX "credentialread_hour" ON "credential_reads" ("hour");
