-- +goose Up
-- create "one_time_tokens" table
CREATE TABLE "one_time_tokens" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "purpose" character varying NOT NULL,
  "hash" bytea NOT NULL,
  "expires_at" timestamptz NOT NULL,
  "used_at" timestamptz NULL,
  PRIMARY KEY ("id")
);
-- create index "one_time_tokens_hash_key" to table: "one_time_tokens"
CREATE UNIQUE INDEX "one_time_tokens_hash_key" ON "one_time_tokens" ("hash");
-- create "audit_events" table
CREATE TABLE "audit_events" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "actor_kind" character varying NOT NULL,
  "actor_id" character varying NULL,
  "actor_label" character varying NOT NULL,
  "address" character varying NOT NULL,
  "request_id" character varying NOT NULL,
  "action" character varying NOT NULL,
  "object_id" character varying NULL,
  "client_id" character varying NULL,
  "changes" jsonb NULL,
  PRIMARY KEY ("id")
);
-- create index "auditevent_actor_id_id" to table: "audit_events"
CREATE INDEX "auditevent_actor_id_id" ON "audit_events" ("actor_id", "id");
-- create index "auditevent_client_id_id" to table: "audit_events"
CREATE INDEX "auditevent_client_id_id" ON "audit_events" ("client_id", "id");
-- create index "auditevent_object_id_id" to table: "audit_events"
CREATE INDEX "auditevent_object_id_id" ON "audit_events" ("object_id", "id");
-- create "signing_keys" table
CREATE TABLE "signing_keys" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "public_key" bytea NOT NULL,
  "private_key_sealed" bytea NOT NULL,
  "signs_from" timestamptz NOT NULL,
  "retired_at" timestamptz NULL,
  PRIMARY KEY ("id")
);
-- create "clients" table
CREATE TABLE "clients" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "name" character varying NOT NULL,
  "trade_name" character varying NULL,
  "document" character varying NOT NULL,
  "name_key" character varying NOT NULL COLLATE "C",
  "search_text" character varying NOT NULL,
  "archived_at" timestamptz NULL,
  PRIMARY KEY ("id")
);
-- create index "clients_active_by_name" to table: "clients"
CREATE INDEX "clients_active_by_name" ON "clients" ("name_key", "id") WHERE (archived_at IS NULL);
-- create index "clients_archived_by_age" to table: "clients"
CREATE INDEX "clients_archived_by_age" ON "clients" ("id") WHERE (archived_at IS NOT NULL);
-- create index "clients_archived_by_name" to table: "clients"
CREATE INDEX "clients_archived_by_name" ON "clients" ("name_key", "id") WHERE (archived_at IS NOT NULL);
-- create index "clients_document_key" to table: "clients"
CREATE UNIQUE INDEX "clients_document_key" ON "clients" ("document");
-- create "idempotent_requests" table
CREATE TABLE "idempotent_requests" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "operator_id" character varying NOT NULL,
  "key" character varying NOT NULL,
  "operation" character varying NOT NULL,
  "input_fingerprint" character varying NOT NULL,
  "object_id" character varying NOT NULL,
  PRIMARY KEY ("id")
);
-- create index "idempotentrequest_operator_id_key" to table: "idempotent_requests"
CREATE UNIQUE INDEX "idempotentrequest_operator_id_key" ON "idempotent_requests" ("operator_id", "key");
-- create "keysets" table
CREATE TABLE "keysets" (
  "id" character varying NOT NULL,
  "encrypted" bytea NOT NULL,
  "canary" bytea NOT NULL,
  "created_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
-- create "products" table
CREATE TABLE "products" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "code" character varying NOT NULL,
  "name" character varying NOT NULL,
  "name_key" character varying NOT NULL COLLATE "C",
  "description" character varying NULL,
  "has_marketplaces" boolean NOT NULL,
  "has_access_keys" boolean NOT NULL,
  PRIMARY KEY ("id")
);
-- create index "product_name_key_id" to table: "products"
CREATE INDEX "product_name_key_id" ON "products" ("name_key", "id");
-- create index "products_code_key" to table: "products"
CREATE UNIQUE INDEX "products_code_key" ON "products" ("code");
-- create "client_products" table
CREATE TABLE "client_products" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "suspended_at" timestamptz NULL,
  "revision" bigint NOT NULL DEFAULT 1,
  "client_id" character varying NOT NULL,
  "product_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "client_products_clients_products" FOREIGN KEY ("client_id") REFERENCES "clients" ("id") ON UPDATE NO ACTION ON DELETE RESTRICT,
  CONSTRAINT "client_products_products_client_products" FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "clientproduct_client_id_product_id" to table: "client_products"
CREATE UNIQUE INDEX "clientproduct_client_id_product_id" ON "client_products" ("client_id", "product_id");
-- create index "clientproduct_product_id" to table: "client_products"
CREATE INDEX "clientproduct_product_id" ON "client_products" ("product_id");
-- create "access_keys" table
CREATE TABLE "access_keys" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "client_id" character varying NOT NULL,
  "name" character varying NOT NULL,
  "visible_part" character varying NOT NULL COLLATE "C",
  "last4" character varying NOT NULL,
  "hash" bytea NOT NULL,
  "created_by" character varying NOT NULL,
  "expires_at" timestamptz NULL,
  "overlap_ends_at" timestamptz NULL,
  "replaced_by_id" character varying NULL,
  "revoked_at" timestamptz NULL,
  "last_used_at" timestamptz NULL,
  "last_used_address" character varying NULL,
  "client_product_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "access_keys_client_products_access_keys" FOREIGN KEY ("client_product_id") REFERENCES "client_products" ("id") ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "access_keys_visible_part_key" to table: "access_keys"
CREATE UNIQUE INDEX "access_keys_visible_part_key" ON "access_keys" ("visible_part");
-- create index "accesskey_client_id_id" to table: "access_keys"
CREATE INDEX "accesskey_client_id_id" ON "access_keys" ("client_id", "id");
-- create index "accesskey_client_product_id_id" to table: "access_keys"
CREATE INDEX "accesskey_client_product_id_id" ON "access_keys" ("client_product_id", "id");
-- create "marketplaces" table
CREATE TABLE "marketplaces" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "client_id" character varying NOT NULL,
  "provider" character varying NOT NULL,
  "description" character varying NOT NULL,
  "settings" jsonb NOT NULL,
  "secrets_sealed" bytea NULL,
  "secret_states" jsonb NULL,
  "external_account" character varying NULL,
  "credential_version" bigint NOT NULL DEFAULT 0,
  "credentials_expire_at" timestamptz NULL,
  "health_state" character varying NOT NULL,
  "health_reason" character varying NOT NULL,
  "health_since" timestamptz NOT NULL,
  "last_checked_at" timestamptz NULL,
  "next_check_at" timestamptz NULL,
  "client_product_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "marketplaces_client_products_marketplaces" FOREIGN KEY ("client_product_id") REFERENCES "client_products" ("id") ON UPDATE NO ACTION ON DELETE RESTRICT
);
-- create index "marketplace_client_product_id_id" to table: "marketplaces"
CREATE INDEX "marketplace_client_product_id_id" ON "marketplaces" ("client_product_id", "id");
-- create index "marketplace_provider_external_account" to table: "marketplaces"
CREATE UNIQUE INDEX "marketplace_provider_external_account" ON "marketplaces" ("provider", "external_account");
-- create index "marketplaces_in_trouble" to table: "marketplaces"
CREATE INDEX "marketplaces_in_trouble" ON "marketplaces" ("client_id") WHERE (health_state IN ('FAILING', 'NEEDS_ATTENTION', 'SUSPENDED'));
-- create "operators" table
CREATE TABLE "operators" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "email" character varying NOT NULL,
  "name" character varying NOT NULL,
  "role" character varying NOT NULL,
  "password_hash" character varying NOT NULL,
  "disabled_at" timestamptz NULL,
  PRIMARY KEY ("id")
);
-- create index "operators_email_key" to table: "operators"
CREATE UNIQUE INDEX "operators_email_key" ON "operators" ("email");
-- create "sessions" table
CREATE TABLE "sessions" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "authenticated_at" timestamptz NOT NULL,
  "last_used_at" timestamptz NOT NULL,
  "expires_at" timestamptz NOT NULL,
  "user_agent_hash" bytea NOT NULL,
  "address" character varying NOT NULL,
  "ended_at" timestamptz NULL,
  "end_reason" character varying NULL,
  "operator_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "sessions_operators_sessions" FOREIGN KEY ("operator_id") REFERENCES "operators" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "session_expires_at" to table: "sessions"
CREATE INDEX "session_expires_at" ON "sessions" ("expires_at");
-- create index "session_operator_id_id" to table: "sessions"
CREATE INDEX "session_operator_id_id" ON "sessions" ("operator_id", "id");
-- create "refresh_tokens" table
CREATE TABLE "refresh_tokens" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "hash" bytea NOT NULL,
  "used_at" timestamptz NULL,
  "successor_sealed" bytea NULL,
  "grace_used" boolean NOT NULL DEFAULT false,
  "session_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "refresh_tokens_sessions_refresh_tokens" FOREIGN KEY ("session_id") REFERENCES "sessions" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "refreshtoken_hash" to table: "refresh_tokens"
CREATE UNIQUE INDEX "refreshtoken_hash" ON "refresh_tokens" ("hash");
-- create index "refreshtoken_session_id" to table: "refresh_tokens"
CREATE INDEX "refreshtoken_session_id" ON "refresh_tokens" ("session_id");
