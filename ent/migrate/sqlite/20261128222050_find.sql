-- +goose Up
-- The indexes of the search of everything that is not a client, made as that of clients is: without a text of their own,
-- and with numbers that VACUUM leaves alone. FTS5 folds case and accents. What is searched is written in package search
-- too. The CPF of a person is not among it.
-- A migration that drops one of these tables, to make it anew, drops its triggers with it and has to repeat them.

CREATE TABLE `marketplaces_search_rows` (
  `n` integer NOT NULL PRIMARY KEY,
  `id` text NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE `marketplaces_search` USING fts5(`words`, tokenize='trigram remove_diacritics 1', content='',
  contentless_delete=1);
INSERT INTO `marketplaces_search_rows` (`id`) SELECT `id` FROM `marketplaces` ORDER BY `id`;
INSERT INTO `marketplaces_search` (`rowid`, `words`)
  SELECT `n`,
    `description` || ' ' || coalesce(`external_account`, '') || ' ' || coalesce(`account_name`, '')
    || ' ' || CASE WHEN length(`account_document`) = 14 THEN `account_document` ELSE '' END
    || ' ' || coalesce(CASE WHEN json_valid(CAST(`settings` AS text)) THEN CAST(`settings` AS text) ->> 'username' END, '')
    FROM `marketplaces_search_rows` JOIN `marketplaces` USING (`id`);
-- +goose StatementBegin
CREATE TRIGGER `marketplaces_search_insert` AFTER INSERT ON `marketplaces` BEGIN
  INSERT INTO `marketplaces_search_rows` (`id`) VALUES (new.`id`);
  INSERT INTO `marketplaces_search` (`rowid`, `words`)
    SELECT `n`,
      new.`description` || ' ' || coalesce(new.`external_account`, '') || ' ' || coalesce(new.`account_name`, '')
      || ' ' || CASE WHEN length(new.`account_document`) = 14 THEN new.`account_document` ELSE '' END
      || ' ' || coalesce(CASE WHEN json_valid(CAST(new.`settings` AS text)) THEN CAST(new.`settings` AS text) ->> 'username' END, '')
      FROM `marketplaces_search_rows` WHERE `id` = new.`id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `marketplaces_search_update`
AFTER UPDATE OF `description`, `external_account`, `account_name`, `account_document`, `settings` ON `marketplaces`
WHEN new.`description` IS NOT old.`description` OR new.`external_account` IS NOT old.`external_account` OR
  new.`account_name` IS NOT old.`account_name` OR new.`account_document` IS NOT old.`account_document` OR
  new.`settings` IS NOT old.`settings` BEGIN
  UPDATE `marketplaces_search` SET `words` =
      new.`description` || ' ' || coalesce(new.`external_account`, '') || ' ' || coalesce(new.`account_name`, '')
      || ' ' || CASE WHEN length(new.`account_document`) = 14 THEN new.`account_document` ELSE '' END
      || ' ' || coalesce(CASE WHEN json_valid(CAST(new.`settings` AS text)) THEN CAST(new.`settings` AS text) ->> 'username' END, '')
    WHERE `rowid` = (SELECT `n` FROM `marketplaces_search_rows` WHERE `id` = new.`id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `marketplaces_search_delete` AFTER DELETE ON `marketplaces` BEGIN
  DELETE FROM `marketplaces_search` WHERE `rowid` = (SELECT `n` FROM `marketplaces_search_rows` WHERE `id` = old.`id`);
  DELETE FROM `marketplaces_search_rows` WHERE `id` = old.`id`;
END;
-- +goose StatementEnd

CREATE TABLE `access_keys_search_rows` (
  `n` integer NOT NULL PRIMARY KEY,
  `id` text NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE `access_keys_search` USING fts5(`words`, tokenize='trigram remove_diacritics 1', content='',
  contentless_delete=1);
INSERT INTO `access_keys_search_rows` (`id`) SELECT `id` FROM `access_keys` ORDER BY `id`;
INSERT INTO `access_keys_search` (`rowid`, `words`)
  SELECT `n`,
    `name` || ' ' || `visible_part` || ' ' || `last4`
    FROM `access_keys_search_rows` JOIN `access_keys` USING (`id`);
-- +goose StatementBegin
CREATE TRIGGER `access_keys_search_insert` AFTER INSERT ON `access_keys` BEGIN
  INSERT INTO `access_keys_search_rows` (`id`) VALUES (new.`id`);
  INSERT INTO `access_keys_search` (`rowid`, `words`)
    SELECT `n`,
      new.`name` || ' ' || new.`visible_part` || ' ' || new.`last4`
      FROM `access_keys_search_rows` WHERE `id` = new.`id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `access_keys_search_update`
AFTER UPDATE OF `name` ON `access_keys`
WHEN new.`name` IS NOT old.`name` BEGIN
  UPDATE `access_keys_search` SET `words` =
      new.`name` || ' ' || new.`visible_part` || ' ' || new.`last4`
    WHERE `rowid` = (SELECT `n` FROM `access_keys_search_rows` WHERE `id` = new.`id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `access_keys_search_delete` AFTER DELETE ON `access_keys` BEGIN
  DELETE FROM `access_keys_search` WHERE `rowid` = (SELECT `n` FROM `access_keys_search_rows` WHERE `id` = old.`id`);
  DELETE FROM `access_keys_search_rows` WHERE `id` = old.`id`;
END;
-- +goose StatementEnd

CREATE TABLE `operators_search_rows` (
  `n` integer NOT NULL PRIMARY KEY,
  `id` text NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE `operators_search` USING fts5(`words`, tokenize='trigram remove_diacritics 1', content='',
  contentless_delete=1);
INSERT INTO `operators_search_rows` (`id`) SELECT `id` FROM `operators` ORDER BY `id`;
INSERT INTO `operators_search` (`rowid`, `words`)
  SELECT `n`,
    `name` || ' ' || `email`
    FROM `operators_search_rows` JOIN `operators` USING (`id`);
-- +goose StatementBegin
CREATE TRIGGER `operators_search_insert` AFTER INSERT ON `operators` BEGIN
  INSERT INTO `operators_search_rows` (`id`) VALUES (new.`id`);
  INSERT INTO `operators_search` (`rowid`, `words`)
    SELECT `n`,
      new.`name` || ' ' || new.`email`
      FROM `operators_search_rows` WHERE `id` = new.`id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `operators_search_update`
AFTER UPDATE OF `name`, `email` ON `operators`
WHEN new.`name` IS NOT old.`name` OR new.`email` IS NOT old.`email` BEGIN
  UPDATE `operators_search` SET `words` =
      new.`name` || ' ' || new.`email`
    WHERE `rowid` = (SELECT `n` FROM `operators_search_rows` WHERE `id` = new.`id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `operators_search_delete` AFTER DELETE ON `operators` BEGIN
  DELETE FROM `operators_search` WHERE `rowid` = (SELECT `n` FROM `operators_search_rows` WHERE `id` = old.`id`);
  DELETE FROM `operators_search_rows` WHERE `id` = old.`id`;
END;
-- +goose StatementEnd

CREATE TABLE `service_tokens_search_rows` (
  `n` integer NOT NULL PRIMARY KEY,
  `id` text NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE `service_tokens_search` USING fts5(`words`, tokenize='trigram remove_diacritics 1', content='',
  contentless_delete=1);
INSERT INTO `service_tokens_search_rows` (`id`) SELECT `id` FROM `service_tokens` ORDER BY `id`;
INSERT INTO `service_tokens_search` (`rowid`, `words`)
  SELECT `n`,
    `name` || ' ' || `visible_part` || ' ' || `last4`
    FROM `service_tokens_search_rows` JOIN `service_tokens` USING (`id`);
-- +goose StatementBegin
CREATE TRIGGER `service_tokens_search_insert` AFTER INSERT ON `service_tokens` BEGIN
  INSERT INTO `service_tokens_search_rows` (`id`) VALUES (new.`id`);
  INSERT INTO `service_tokens_search` (`rowid`, `words`)
    SELECT `n`,
      new.`name` || ' ' || new.`visible_part` || ' ' || new.`last4`
      FROM `service_tokens_search_rows` WHERE `id` = new.`id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `service_tokens_search_update`
AFTER UPDATE OF `name` ON `service_tokens`
WHEN new.`name` IS NOT old.`name` BEGIN
  UPDATE `service_tokens_search` SET `words` =
      new.`name` || ' ' || new.`visible_part` || ' ' || new.`last4`
    WHERE `rowid` = (SELECT `n` FROM `service_tokens_search_rows` WHERE `id` = new.`id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `service_tokens_search_delete` AFTER DELETE ON `service_tokens` BEGIN
  DELETE FROM `service_tokens_search` WHERE `rowid` = (SELECT `n` FROM `service_tokens_search_rows` WHERE `id` = old.`id`);
  DELETE FROM `service_tokens_search_rows` WHERE `id` = old.`id`;
END;
-- +goose StatementEnd
