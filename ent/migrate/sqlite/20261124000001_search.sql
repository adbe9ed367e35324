-- +goose Up
-- The index of the search of clients. It keeps no text of its own (content=''), only which trigrams are in which row.
-- Its rowid must be a number that never changes: the rowid of clients is none, as VACUUM may number it anew.
CREATE TABLE `clients_search_rows` (
  `n` integer NOT NULL PRIMARY KEY,
  `client_id` text NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE `clients_search` USING fts5(`search_text`, tokenize='trigram case_sensitive 1', content='', contentless_delete=1);
INSERT INTO `clients_search_rows` (`client_id`) SELECT `id` FROM `clients`;
INSERT INTO `clients_search` (`rowid`, `search_text`)
  SELECT `n`, `search_text` FROM `clients_search_rows` JOIN `clients` ON `clients`.`id` = `client_id`;

-- A migration that drops clients, to make it anew, drops these triggers with it and has to repeat them.
-- +goose StatementBegin
CREATE TRIGGER `clients_search_insert` AFTER INSERT ON `clients` BEGIN
  INSERT INTO `clients_search_rows` (`client_id`) VALUES (new.`id`);
  INSERT INTO `clients_search` (`rowid`, `search_text`)
    SELECT `n`, new.`search_text` FROM `clients_search_rows` WHERE `client_id` = new.`id`;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `clients_search_update` AFTER UPDATE OF `search_text` ON `clients`
WHEN new.`search_text` <> old.`search_text` BEGIN
  UPDATE `clients_search` SET `search_text` = new.`search_text`
    WHERE `rowid` = (SELECT `n` FROM `clients_search_rows` WHERE `client_id` = new.`id`);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `clients_search_delete` AFTER DELETE ON `clients` BEGIN
  DELETE FROM `clients_search` WHERE `rowid` = (SELECT `n` FROM `clients_search_rows` WHERE `client_id` = old.`id`);
  DELETE FROM `clients_search_rows` WHERE `client_id` = old.`id`;
END;
-- +goose StatementEnd
