-- +goose Up
-- create "access_keys" table
CREATE TABLE `access_keys` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `client_id` text NOT NULL,
  `name` text NOT NULL,
  `visible_part` text NOT NULL,
  `last4` text NOT NULL,
  `hash` blob NOT NULL,
  `created_by` text NOT NULL,
  `expires_at` datetime NULL,
  `overlap_ends_at` datetime NULL,
  `replaced_by_id` text NULL,
  `revoked_at` datetime NULL,
  `last_used_at` datetime NULL,
  `last_used_address` text NULL,
  `client_product_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `access_keys_client_products_access_keys` FOREIGN KEY (`client_product_id`) REFERENCES `client_products` (`id`) ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "access_keys_visible_part_key" to table: "access_keys"
CREATE UNIQUE INDEX `access_keys_visible_part_key` ON `access_keys` (`visible_part`);
-- create index "accesskey_client_product_id_id" to table: "access_keys"
CREATE INDEX `accesskey_client_product_id_id` ON `access_keys` (`client_product_id`, `id`);
-- create index "accesskey_client_id_id" to table: "access_keys"
CREATE INDEX `accesskey_client_id_id` ON `access_keys` (`client_id`, `id`);
-- create "audit_events" table
CREATE TABLE `audit_events` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `actor_kind` text NOT NULL,
  `actor_id` text NULL,
  `actor_label` text NOT NULL,
  `address` text NOT NULL,
  `request_id` text NOT NULL,
  `action` text NOT NULL,
  `object_id` text NULL,
  `client_id` text NULL,
  `changes` json NULL,
  PRIMARY KEY (`id`)
);
-- create index "auditevent_client_id_id" to table: "audit_events"
CREATE INDEX `auditevent_client_id_id` ON `audit_events` (`client_id`, `id`);
-- create index "auditevent_actor_id_id" to table: "audit_events"
CREATE INDEX `auditevent_actor_id_id` ON `audit_events` (`actor_id`, `id`);
-- create index "auditevent_object_id_id" to table: "audit_events"
CREATE INDEX `auditevent_object_id_id` ON `audit_events` (`object_id`, `id`);
-- create "client_products" table
CREATE TABLE `client_products` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `suspended_at` datetime NULL,
  `revision` integer NOT NULL DEFAULT 1,
  `client_id` text NOT NULL,
  `product_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `client_products_products_client_products` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`) ON UPDATE NO ACTION ON DELETE RESTRICT,
  CONSTRAINT `client_products_clients_products` FOREIGN KEY (`client_id`) REFERENCES `clients` (`id`) ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clientproduct_client_id_product_id" to table: "client_products"
CREATE UNIQUE INDEX `clientproduct_client_id_product_id` ON `client_products` (`client_id`, `product_id`);
-- create index "clientproduct_product_id" to table: "client_products"
CREATE INDEX `clientproduct_product_id` ON `client_products` (`product_id`);
-- create "clients" table
CREATE TABLE `clients` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `name` text NOT NULL,
  `trade_name` text NULL,
  `document` text NOT NULL,
  `name_key` text NOT NULL,
  `search_text` text NOT NULL,
  `archived_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- create index "clients_document_key" to table: "clients"
CREATE UNIQUE INDEX `clients_document_key` ON `clients` (`document`);
-- create index "clients_active_by_name" to table: "clients"
CREATE INDEX `clients_active_by_name` ON `clients` (`name_key`, `id`) WHERE archived_at IS NULL;
-- create index "clients_archived_by_name" to table: "clients"
CREATE INDEX `clients_archived_by_name` ON `clients` (`name_key`, `id`) WHERE archived_at IS NOT NULL;
-- create index "clients_archived_by_age" to table: "clients"
CREATE INDEX `clients_archived_by_age` ON `clients` (`id`) WHERE archived_at IS NOT NULL;
-- create "idempotent_requests" table
CREATE TABLE `idempotent_requests` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `operator_id` text NOT NULL,
  `key` text NOT NULL,
  `operation` text NOT NULL,
  `input_fingerprint` text NOT NULL,
  `object_id` text NOT NULL,
  PRIMARY KEY (`id`)
);
-- create index "idempotentrequest_operator_id_key" to table: "idempotent_requests"
CREATE UNIQUE INDEX `idempotentrequest_operator_id_key` ON `idempotent_requests` (`operator_id`, `key`);
-- create "keysets" table
CREATE TABLE `keysets` (
  `id` text NOT NULL,
  `encrypted` blob NOT NULL,
  `canary` blob NOT NULL,
  `created_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- create "marketplaces" table
CREATE TABLE `marketplaces` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `client_id` text NOT NULL,
  `provider` text NOT NULL,
  `description` text NOT NULL,
  `settings` json NOT NULL,
  `secrets_sealed` blob NULL,
  `secret_states` json NULL,
  `external_account` text NULL,
  `credential_version` integer NOT NULL DEFAULT 0,
  `credentials_expire_at` datetime NULL,
  `health_state` text NOT NULL,
  `health_reason` text NOT NULL,
  `health_since` datetime NOT NULL,
  `last_checked_at` datetime NULL,
  `next_check_at` datetime NULL,
  `client_product_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `marketplaces_client_products_marketplaces` FOREIGN KEY (`client_product_id`) REFERENCES `client_products` (`id`) ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "marketplace_client_product_id_id" to table: "marketplaces"
CREATE INDEX `marketplace_client_product_id_id` ON `marketplaces` (`client_product_id`, `id`);
-- create index "marketplace_provider_external_account" to table: "marketplaces"
CREATE UNIQUE INDEX `marketplace_provider_external_account` ON `marketplaces` (`provider`, `external_account`);
-- create index "marketplaces_in_trouble" to table: "marketplaces"
CREATE INDEX `marketplaces_in_trouble` ON `marketplaces` (`client_id`) WHERE health_state IN ('FAILING', 'NEEDS_ATTENTION', 'SUSPENDED');
-- create "one_time_tokens" table
CREATE TABLE `one_time_tokens` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `purpose` text NOT NULL,
  `hash` blob NOT NULL,
  `expires_at` datetime NOT NULL,
  `used_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- create index "one_time_tokens_hash_key" to table: "one_time_tokens"
CREATE UNIQUE INDEX `one_time_tokens_hash_key` ON `one_time_tokens` (`hash`);
-- create "operators" table
CREATE TABLE `operators` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `email` text NOT NULL,
  `name` text NOT NULL,
  `role` text NOT NULL,
  `password_hash` text NOT NULL,
  `disabled_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- create index "operators_email_key" to table: "operators"
CREATE UNIQUE INDEX `operators_email_key` ON `operators` (`email`);
-- create "products" table
CREATE TABLE `products` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `code` text NOT NULL,
  `name` text NOT NULL,
  `name_key` text NOT NULL,
  `description` text NULL,
  `has_marketplaces` bool NOT NULL,
  `has_access_keys` bool NOT NULL,
  PRIMARY KEY (`id`)
);
-- create index "products_code_key" to table: "products"
CREATE UNIQUE INDEX `products_code_key` ON `products` (`code`);
-- create index "product_name_key_id" to table: "products"
CREATE INDEX `product_name_key_id` ON `products` (`name_key`, `id`);
-- create "refresh_tokens" table
CREATE TABLE `refresh_tokens` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `hash` blob NOT NULL,
  `used_at` datetime NULL,
  `successor_sealed` blob NULL,
  `grace_used` bool NOT NULL DEFAULT false,
  `session_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `refresh_tokens_sessions_refresh_tokens` FOREIGN KEY (`session_id`) REFERENCES `sessions` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "refreshtoken_hash" to table: "refresh_tokens"
CREATE UNIQUE INDEX `refreshtoken_hash` ON `refresh_tokens` (`hash`);
-- create index "refreshtoken_session_id" to table: "refresh_tokens"
CREATE INDEX `refreshtoken_session_id` ON `refresh_tokens` (`session_id`);
-- create "sessions" table
CREATE TABLE `sessions` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `authenticated_at` datetime NOT NULL,
  `last_used_at` datetime NOT NULL,
  `expires_at` datetime NOT NULL,
  `user_agent_hash` blob NOT NULL,
  `address` text NOT NULL,
  `ended_at` datetime NULL,
  `end_reason` text NULL,
  `operator_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `sessions_operators_sessions` FOREIGN KEY (`operator_id`) REFERENCES `operators` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "session_operator_id_id" to table: "sessions"
CREATE INDEX `session_operator_id_id` ON `sessions` (`operator_id`, `id`);
-- create index "session_expires_at" to table: "sessions"
CREATE INDEX `session_expires_at` ON `sessions` (`expires_at`);
-- create "signing_keys" table
CREATE TABLE `signing_keys` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `public_key` blob NOT NULL,
  `private_key_sealed` blob NOT NULL,
  `signs_from` datetime NOT NULL,
  `retired_at` datetime NULL,
  PRIMARY KEY (`id`)
);
