-- +goose Up
-- The version of all that an answer to a back-office can show: a number for each client's product, and one with an
-- empty id for what all share. The triggers raise it. A migration that drops one of their tables, to make it anew,
-- drops them with it and has to repeat them; one that adds a column adds it to the list of its trigger.
CREATE TABLE "shop_versions" (
  "client_product_id" character varying NOT NULL PRIMARY KEY,
  "n" bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO "shop_versions" ("client_product_id", "n") SELECT "id", 1 FROM "client_products";
INSERT INTO "shop_versions" ("client_product_id", "n") VALUES ('', 1);
-- In an insertion OLD is null, and in a deletion NEW is.
-- +goose StatementBegin
CREATE FUNCTION "shop_versions_by_shop"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "shop_versions" SET "n" = "n" + 1 WHERE "client_product_id" IN (OLD."client_product_id", NEW."client_product_id");
  RETURN NULL;
END;
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION "shop_versions_by_client"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "shop_versions" SET "n" = "n" + 1 WHERE "client_product_id" IN (
    SELECT "id" FROM "client_products" WHERE "client_id" IN (OLD."id", NEW."id"));
  RETURN NULL;
END;
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION "shop_versions_of_all"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "shop_versions" SET "n" = "n" + 1 WHERE "client_product_id" = '';
  RETURN NULL;
END;
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION "shop_versions_itself"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "shop_versions" ("client_product_id", "n") VALUES (NEW."id", 1);
  ELSIF TG_OP = 'DELETE' THEN
    DELETE FROM "shop_versions" WHERE "client_product_id" = OLD."id";
  ELSE
    UPDATE "shop_versions" SET "n" = "n" + 1 WHERE "client_product_id" IN (OLD."id", NEW."id");
  END IF;
  RETURN NULL;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER "shop_versions" AFTER DELETE OR UPDATE OF
  "id", "created_at", "mac", "client_id", "name", "visible_part", "last4", "hash", "created_by", "created_by_id",
  "expires_at", "overlap_ends_at", "replaced_by_id", "revoked_at", "exposed_at", "addresses", "bait_since",
  "bait_used_at", "client_product_id"
  ON "access_keys" FOR EACH ROW EXECUTE FUNCTION "shop_versions_by_shop"();
CREATE TRIGGER "shop_versions" AFTER INSERT OR DELETE OR UPDATE OF
  "id", "created_at", "mac", "client_id", "provider", "description", "settings", "secrets_sealed", "secrets_host",
  "secret_states", "external_account", "account_name", "account_document", "confirmed_document", "provider_state",
  "provider_message", "credential_version", "credentials_expire_at", "health_state", "health_reason",
  "health_since", "last_checked_at", "updated_at", "next_check_at", "failures", "renewal_begun_at", "renewed_at",
  "previous_sealed", "previous_until", "renew_at", "minted_at", "unread_sealed", "unread_until", "client_product_id"
  ON "marketplaces" FOR EACH ROW EXECUTE FUNCTION "shop_versions_by_shop"();
CREATE TRIGGER "shop_versions" AFTER INSERT OR DELETE OR UPDATE OF
  "id", "created_at", "mac", "suspended_at", "client_id", "product_id"
  ON "client_products" FOR EACH ROW EXECUTE FUNCTION "shop_versions_itself"();
CREATE TRIGGER "shop_versions" AFTER UPDATE OF
  "id", "created_at", "mac", "name", "trade_name", "document", "archived_at", "bait_since", "erased_at",
  "erased_document"
  ON "clients" FOR EACH ROW EXECUTE FUNCTION "shop_versions_by_client"();
CREATE TRIGGER "shop_versions" AFTER INSERT OR DELETE OR UPDATE OF
  "id", "created_at", "updated_at", "provider", "values", "secrets_sealed", "secrets_host", "secret_states",
  "changed_at", "changed_by", "changed_by_id", "house_refused_at"
  ON "provider_settings" FOR EACH ROW EXECUTE FUNCTION "shop_versions_of_all"();
