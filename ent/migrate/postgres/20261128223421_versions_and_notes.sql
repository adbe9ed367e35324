-- +goose Up
-- modify "access_keys" table
ALTER TABLE "access_keys" ADD COLUMN "version" bigint NOT NULL DEFAULT 1;
-- modify "client_products" table
ALTER TABLE "client_products" ADD COLUMN "version" bigint NOT NULL DEFAULT 1;
-- modify "clients" table
ALTER TABLE "clients" ADD COLUMN "version" bigint NOT NULL DEFAULT 1;
-- modify "marketplaces" table
ALTER TABLE "marketplaces" ADD COLUMN "version" bigint NOT NULL DEFAULT 1;
-- modify "operators" table
ALTER TABLE "operators" ADD COLUMN "version" bigint NOT NULL DEFAULT 1;
-- modify "products" table
ALTER TABLE "products" ADD COLUMN "version" bigint NOT NULL DEFAULT 1;
-- create "client_contacts" table
CREATE TABLE "client_contacts" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "version" bigint NOT NULL DEFAULT 1,
  "name" character varying NOT NULL,
  "position" character varying NULL,
  "phone" character varying NULL,
  "email" character varying NULL,
  "note" character varying NULL,
  "client_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "client_contacts_clients_contacts" FOREIGN KEY ("client_id") REFERENCES "clients" ("id") ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clientcontact_client_id_id" to table: "client_contacts"
CREATE INDEX "clientcontact_client_id_id" ON "client_contacts" ("client_id", "id");
-- create "client_notes" table
CREATE TABLE "client_notes" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "version" bigint NOT NULL DEFAULT 1,
  "text" character varying NOT NULL,
  "author_id" character varying NOT NULL,
  "author" character varying NOT NULL,
  "client_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "client_notes_clients_notes" FOREIGN KEY ("client_id") REFERENCES "clients" ("id") ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clientnote_client_id_id" to table: "client_notes"
CREATE INDEX "clientnote_client_id_id" ON "client_notes" ("client_id", "id");
-- create "client_tags" table
CREATE TABLE "client_tags" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "tag" character varying NOT NULL,
  "tag_key" character varying NOT NULL COLLATE "C",
  "client_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "client_tags_clients_tags" FOREIGN KEY ("client_id") REFERENCES "clients" ("id") ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clienttag_client_id_tag_key" to table: "client_tags"
CREATE UNIQUE INDEX "clienttag_client_id_tag_key" ON "client_tags" ("client_id", "tag_key");
-- create index "clienttag_tag_key_client_id" to table: "client_tags"
CREATE INDEX "clienttag_tag_key_client_id" ON "client_tags" ("tag_key", "client_id");
