-- +goose Up
-- modify "access_keys" table
ALTER TABLE "access_keys" ADD COLUMN "created_by_id" character varying NOT NULL DEFAULT '';
-- create index "accesskey_created_by_id_id" to table: "access_keys"
CREATE INDEX "accesskey_created_by_id_id" ON "access_keys" ("created_by_id", "id");
-- modify "install_links" table
ALTER TABLE "install_links" ADD COLUMN "created_by_id" character varying NOT NULL DEFAULT '';
-- modify "service_tokens" table
ALTER TABLE "service_tokens" ADD COLUMN "scopes" character varying NOT NULL DEFAULT 'WRITE', ADD COLUMN "addresses" jsonb NULL;
-- Who made a key, as far as the audit trail knows it still: the event of its making, or of the rotation that it came from.
UPDATE "access_keys" SET "created_by_id" = COALESCE(
  (SELECT e."actor_id" FROM "audit_events" e WHERE e."object_id" = "access_keys"."id" AND e."action" = 'access_key.create' LIMIT 1),
  (SELECT e."actor_id" FROM "access_keys" o JOIN "audit_events" e ON e."object_id" = o."id" AND e."action" = 'access_key.rotate'
    WHERE o."client_product_id" = "access_keys"."client_product_id" AND o."replaced_by_id" = "access_keys"."id" LIMIT 1),
  '');
