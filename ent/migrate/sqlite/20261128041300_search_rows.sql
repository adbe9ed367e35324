-- +goose Up
-- A search reads many rows to count and sort them. Here a row has only what lists are sorted and narrowed by, and lies
-- in the order of the index. Its columns are named as those of clients, so that the same conditions fit both tables.
ALTER TABLE `clients_search_rows` RENAME COLUMN `client_id` TO `id`;
ALTER TABLE `clients_search_rows` ADD COLUMN `name_key` text NOT NULL DEFAULT '';
ALTER TABLE `clients_search_rows` ADD COLUMN `trouble` text NOT NULL DEFAULT '0';
ALTER TABLE `clients_search_rows` ADD COLUMN `archived_at` datetime NULL;
ALTER TABLE `clients_search_rows` ADD COLUMN `erased_at` datetime NULL;
UPDATE `clients_search_rows` SET (`name_key`, `trouble`, `archived_at`, `erased_at`) =
  (SELECT `name_key`, `trouble`, `archived_at`, `erased_at` FROM `clients` WHERE `clients`.`id` = `clients_search_rows`.`id`);

-- A migration that drops clients, to make it anew, drops these triggers with it and has to repeat them.
DROP TRIGGER `clients_search_insert`;
-- +goose StatementBegin
CREATE TRIGGER `clients_search_insert` AFTER INSERT ON `clients` BEGIN
  INSERT INTO `clients_search_rows` (`id`, `name_key`, `trouble`, `archived_at`, `erased_at`)
    VALUES (new.`id`, new.`name_key`, new.`trouble`, new.`archived_at`, new.`erased_at`);
  INSERT INTO `clients_search` (`rowid`, `search_text`)
    SELECT `n`, new.`search_text` FROM `clients_search_rows` WHERE `id` = new.`id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `clients_search_list` AFTER UPDATE OF `name_key`, `trouble`, `archived_at`, `erased_at` ON `clients` BEGIN
  UPDATE `clients_search_rows` SET `name_key` = new.`name_key`, `trouble` = new.`trouble`,
    `archived_at` = new.`archived_at`, `erased_at` = new.`erased_at` WHERE `id` = new.`id`;
END;
-- +goose StatementEnd
