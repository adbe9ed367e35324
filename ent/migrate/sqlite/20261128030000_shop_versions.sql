-- +goose Up
-- The version of all that an answer to a back-office can show: a number for each client's product, and one with an
-- empty id for what all share. The triggers raise it. A migration that drops one of their tables, to make it anew,
-- drops them with it and has to repeat them; one that adds a column adds it to the list of its trigger.
CREATE TABLE `shop_versions` (
  `client_product_id` text NOT NULL PRIMARY KEY,
  `n` integer NOT NULL
) WITHOUT ROWID;
INSERT INTO `shop_versions` (`client_product_id`, `n`) SELECT `id`, 1 FROM `client_products`;
INSERT INTO `shop_versions` (`client_product_id`, `n`) VALUES ('', 1);
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_access_keys_update` AFTER UPDATE OF
  `id`, `created_at`, `mac`, `client_id`, `name`, `visible_part`, `last4`, `hash`, `created_by`, `created_by_id`,
  `expires_at`, `overlap_ends_at`, `replaced_by_id`, `revoked_at`, `exposed_at`, `addresses`, `bait_since`,
  `bait_used_at`, `client_product_id`
  ON `access_keys` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` IN (old.`client_product_id`, new.`client_product_id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_access_keys_delete` AFTER DELETE ON `access_keys` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` = old.`client_product_id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_client_products_insert` AFTER INSERT ON `client_products` BEGIN
  INSERT INTO `shop_versions` (`client_product_id`, `n`) VALUES (new.`id`, 1);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_client_products_update` AFTER UPDATE OF
  `id`, `created_at`, `mac`, `suspended_at`, `client_id`, `product_id`
  ON `client_products` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` IN (old.`id`, new.`id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_client_products_delete` AFTER DELETE ON `client_products` BEGIN
  DELETE FROM `shop_versions` WHERE `client_product_id` = old.`id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_clients_update` AFTER UPDATE OF
  `id`, `created_at`, `mac`, `name`, `trade_name`, `document`, `archived_at`, `bait_since`, `erased_at`,
  `erased_document`
  ON `clients` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` IN (SELECT `id` FROM `client_products` WHERE `client_id` IN (old.`id`, new.`id`));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_marketplaces_insert` AFTER INSERT ON `marketplaces` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` = new.`client_product_id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_marketplaces_update` AFTER UPDATE OF
  `id`, `created_at`, `mac`, `client_id`, `provider`, `description`, `settings`, `secrets_sealed`, `secrets_host`,
  `secret_states`, `external_account`, `account_name`, `account_document`, `confirmed_document`, `provider_state`,
  `provider_message`, `credential_version`, `credentials_expire_at`, `health_state`, `health_reason`,
  `health_since`, `last_checked_at`, `updated_at`, `next_check_at`, `failures`, `renewal_begun_at`, `renewed_at`,
  `previous_sealed`, `previous_until`, `renew_at`, `minted_at`, `unread_sealed`, `unread_until`, `client_product_id`
  ON `marketplaces` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` IN (old.`client_product_id`, new.`client_product_id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_marketplaces_delete` AFTER DELETE ON `marketplaces` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` = old.`client_product_id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_provider_settings_insert` AFTER INSERT ON `provider_settings` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` = '';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_provider_settings_update` AFTER UPDATE OF
  `id`, `created_at`, `updated_at`, `provider`, `values`, `secrets_sealed`, `secrets_host`, `secret_states`,
  `changed_at`, `changed_by`, `changed_by_id`, `house_refused_at`
  ON `provider_settings` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` = '';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `shop_versions_provider_settings_delete` AFTER DELETE ON `provider_settings` BEGIN
  UPDATE `shop_versions` SET `n` = `n` + 1
    WHERE `client_product_id` = '';
END;
-- +goose StatementEnd
