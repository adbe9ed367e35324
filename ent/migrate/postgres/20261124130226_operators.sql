-- +goose Up
-- modify "one_time_tokens" table
ALTER TABLE "one_time_tokens" ADD COLUMN "operator_id" character varying NULL, ADD COLUMN "data_sealed" bytea NULL, ADD COLUMN "tries" bigint NOT NULL DEFAULT 0;
-- create index "onetimetoken_operator_id_purpose" to table: "one_time_tokens"
CREATE INDEX "onetimetoken_operator_id_purpose" ON "one_time_tokens" ("operator_id", "purpose");
-- modify "operators" table
ALTER TABLE "operators" ADD COLUMN "last_login_at" timestamptz NULL, ADD COLUMN "second_factor" boolean NOT NULL DEFAULT false, ADD COLUMN "totp_sealed" bytea NULL, ADD COLUMN "totp_since" timestamptz NULL, ADD COLUMN "totp_step" bigint NOT NULL DEFAULT 0;
-- modify "sessions" table
ALTER TABLE "sessions" ADD COLUMN "methods" character varying NOT NULL DEFAULT 'pwd', ADD COLUMN "browser" character varying NOT NULL DEFAULT '';
-- create index "session_operator_id_address" to table: "sessions"
CREATE INDEX "session_operator_id_address" ON "sessions" ("operator_id", "address");
-- create "service_tokens" table
CREATE TABLE "service_tokens" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "name" character varying NOT NULL,
  "role" character varying NOT NULL,
  "visible_part" character varying NOT NULL,
  "last4" character varying NOT NULL,
  "hash" bytea NOT NULL,
  "created_by" character varying NOT NULL,
  "expires_at" timestamptz NOT NULL,
  "revoked_at" timestamptz NULL,
  "last_used_at" timestamptz NULL,
  "last_used_address" character varying NULL,
  PRIMARY KEY ("id")
);
-- create index "service_tokens_visible_part_key" to table: "service_tokens"
CREATE UNIQUE INDEX "service_tokens_visible_part_key" ON "service_tokens" ("visible_part");
-- create "throttles" table
CREATE TABLE "throttles" (
  "id" character varying NOT NULL,
  "failures" bigint NOT NULL DEFAULT 0,
  "since" timestamptz NOT NULL,
  "until" timestamptz NULL,
  "expires_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
-- create index "throttle_expires_at" to table: "throttles"
CREATE INDEX "throttle_expires_at" ON "throttles" ("expires_at");
-- create "passkeys" table
CREATE TABLE "passkeys" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "credential_id" bytea NOT NULL,
  "credential" jsonb NOT NULL,
  "name" character varying NOT NULL,
  "last_used_at" timestamptz NULL,
  "operator_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "passkeys_operators_passkeys" FOREIGN KEY ("operator_id") REFERENCES "operators" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "passkey_operator_id_id" to table: "passkeys"
CREATE INDEX "passkey_operator_id_id" ON "passkeys" ("operator_id", "id");
-- create index "passkeys_credential_id_key" to table: "passkeys"
CREATE UNIQUE INDEX "passkeys_credential_id_key" ON "passkeys" ("credential_id");
-- create "recovery_codes" table
CREATE TABLE "recovery_codes" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "hash" bytea NOT NULL,
  "used_at" timestamptz NULL,
  "operator_id" character varying NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "recovery_codes_operators_recovery_codes" FOREIGN KEY ("operator_id") REFERENCES "operators" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- create index "recovery_codes_hash_key" to table: "recovery_codes"
CREATE UNIQUE INDEX "recovery_codes_hash_key" ON "recovery_codes" ("hash");
-- create index "recoverycode_operator_id" to table: "recovery_codes"
CREATE INDEX "recoverycode_operator_id" ON "recovery_codes" ("operator_id");
