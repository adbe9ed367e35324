-- +goose Up
-- add column "version" to table: "access_keys"
ALTER TABLE `access_keys` ADD COLUMN `version` integer NOT NULL DEFAULT 1;
-- add column "version" to table: "client_products"
ALTER TABLE `client_products` ADD COLUMN `version` integer NOT NULL DEFAULT 1;
-- add column "version" to table: "clients"
ALTER TABLE `clients` ADD COLUMN `version` integer NOT NULL DEFAULT 1;
-- add column "version" to table: "marketplaces"
ALTER TABLE `marketplaces` ADD COLUMN `version` integer NOT NULL DEFAULT 1;
-- add column "version" to table: "operators"
ALTER TABLE `operators` ADD COLUMN `version` integer NOT NULL DEFAULT 1;
-- add column "version" to table: "products"
ALTER TABLE `products` ADD COLUMN `version` integer NOT NULL DEFAULT 1;
-- create "client_contacts" table
CREATE TABLE `client_contacts` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `version` integer NOT NULL DEFAULT 1,
  `name` text NOT NULL,
  `position` text NULL,
  `phone` text NULL,
  `email` text NULL,
  `note` text NULL,
  `client_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `client_contacts_clients_contacts` FOREIGN KEY (`client_id`) REFERENCES `clients` (`id`) ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clientcontact_client_id_id" to table: "client_contacts"
CREATE INDEX `clientcontact_client_id_id` ON `client_contacts` (`client_id`, `id`);
-- create "client_notes" table
CREATE TABLE `client_notes` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `version` integer NOT NULL DEFAULT 1,
  `text` text NOT NULL,
  `author_id` text NOT NULL,
  `author` text NOT NULL,
  `client_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `client_notes_clients_notes` FOREIGN KEY (`client_id`) REFERENCES `clients` (`id`) ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clientnote_client_id_id" to table: "client_notes"
CREATE INDEX `clientnote_client_id_id` ON `client_notes` (`client_id`, `id`);
-- create "client_tags" table
CREATE TABLE `client_tags` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `tag` text NOT NULL,
  `tag_key` text NOT NULL,
  `client_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `client_tags_clients_tags` FOREIGN KEY (`client_id`) REFERENCES `clients` (`id`) ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clienttag_client_id_tag_key" to table: "client_tags"
CREATE UNIQUE INDEX `clienttag_client_id_tag_key` ON `client_tags` (`client_id`, `tag_key`);
-- create index "clienttag_tag_key_client_id" to table: "client_tags"
CREATE INDEX `clienttag_tag_key_client_id` ON `client_tags` (`tag_key`, `client_id`);
