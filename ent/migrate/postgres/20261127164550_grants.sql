-- +goose Up
-- modify "access_keys" table
ALTER TABLE "access_keys" ADD COLUMN "mac" bytea NULL;
-- modify "install_links" table
ALTER TABLE "install_links" ADD COLUMN "mac" bytea NULL;
-- modify "install_states" table
ALTER TABLE "install_states" ADD COLUMN "mac" bytea NULL;
-- modify "one_time_tokens" table
ALTER TABLE "one_time_tokens" ADD COLUMN "mac" bytea NULL;
-- modify "operators" table
ALTER TABLE "operators" ADD COLUMN "mac" bytea NULL;
-- modify "passkeys" table
ALTER TABLE "passkeys" ADD COLUMN "mac" bytea NULL;
-- modify "recovery_codes" table
ALTER TABLE "recovery_codes" ADD COLUMN "mac" bytea NULL;
-- modify "refresh_tokens" table
ALTER TABLE "refresh_tokens" ADD COLUMN "mac" bytea NULL;
-- modify "service_tokens" table
ALTER TABLE "service_tokens" ADD COLUMN "mac" bytea NULL;
-- modify "sessions" table
ALTER TABLE "sessions" ADD COLUMN "mac" bytea NULL;
