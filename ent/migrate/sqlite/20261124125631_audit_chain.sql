-- +goose Up
-- add column "result" to table: "audit_events"
ALTER TABLE `audit_events` ADD COLUMN `result` text NOT NULL DEFAULT 'DONE';
-- add column "seq" to table: "audit_events"
ALTER TABLE `audit_events` ADD COLUMN `seq` integer NULL;
-- add column "details_mac" to table: "audit_events"
ALTER TABLE `audit_events` ADD COLUMN `details_mac` blob NULL;
-- add column "hash" to table: "audit_events"
ALTER TABLE `audit_events` ADD COLUMN `hash` blob NULL;
-- create index "audit_events_seq_key" to table: "audit_events"
CREATE UNIQUE INDEX `audit_events_seq_key` ON `audit_events` (`seq`);
-- add column "revision" to table: "keysets"
ALTER TABLE `keysets` ADD COLUMN `revision` integer NOT NULL DEFAULT 1;
-- add column "rotation" to table: "keysets"
ALTER TABLE `keysets` ADD COLUMN `rotation` text NULL;
-- add column "rotation_since" to table: "keysets"
ALTER TABLE `keysets` ADD COLUMN `rotation_since` datetime NULL;
-- create "audit_checkpoints" table
CREATE TABLE `audit_checkpoints` (
  `id` text NOT NULL,
  `created_at` datetime NOT NULL,
  `kind` text NOT NULL,
  `through_seq` integer NOT NULL,
  `hash` blob NOT NULL,
  `events` integer NOT NULL,
  `mac` blob NOT NULL,
  PRIMARY KEY (`id`)
);
-- create "audit_heads" table
CREATE TABLE `audit_heads` (
  `id` text NOT NULL,
  `seq` integer NOT NULL,
  `hash` blob NOT NULL,
  PRIMARY KEY (`id`)
);
-- An event from before the chain may get its place in it, an event's details may be emptied (LGPD), and events that a
-- checkpoint stands for may go. Nothing else happens to an event.
-- A migration that drops one of these tables, to make it anew, drops its triggers with it and has to repeat them.
DROP TRIGGER `audit_events_no_update`;
DROP TRIGGER `audit_events_no_delete`;
-- +goose StatementBegin
CREATE TRIGGER `audit_events_no_update` BEFORE UPDATE ON `audit_events`
WHEN NOT (
  new.`id` IS old.`id` AND new.`created_at` IS old.`created_at` AND new.`actor_kind` IS old.`actor_kind`
  AND new.`actor_id` IS old.`actor_id` AND new.`request_id` IS old.`request_id` AND new.`action` IS old.`action`
  AND new.`object_id` IS old.`object_id` AND new.`client_id` IS old.`client_id` AND new.`result` IS old.`result`
  AND (
    old.`seq` IS NULL AND new.`seq` IS NOT NULL
    AND new.`changes` IS old.`changes` AND new.`actor_label` IS old.`actor_label` AND new.`address` IS old.`address`
    OR new.`changes` IS NULL AND new.`actor_label` = '' AND new.`address` = ''
    AND new.`seq` IS old.`seq` AND new.`details_mac` IS old.`details_mac` AND new.`hash` IS old.`hash`
  )
) BEGIN
  SELECT RAISE(ABORT, 'audit_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_events_no_delete` BEFORE DELETE ON `audit_events`
WHEN NOT EXISTS (SELECT 1 FROM `audit_checkpoints` WHERE `kind` = 'TRIM' AND `through_seq` >= old.`seq`) BEGIN
  SELECT RAISE(ABORT, 'audit_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_checkpoints_no_update` BEFORE UPDATE ON `audit_checkpoints` BEGIN
  SELECT RAISE(ABORT, 'audit_checkpoints is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_checkpoints_no_delete` BEFORE DELETE ON `audit_checkpoints` BEGIN
  SELECT RAISE(ABORT, 'audit_checkpoints is append-only');
END;
-- +goose StatementEnd
-- The head only moves on.
-- +goose StatementBegin
CREATE TRIGGER `audit_heads_forward` BEFORE UPDATE ON `audit_heads` WHEN new.`seq` <= old.`seq` BEGIN
  SELECT RAISE(ABORT, 'audit_heads only moves on');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_heads_no_delete` BEFORE DELETE ON `audit_heads` BEGIN
  SELECT RAISE(ABORT, 'audit_heads only moves on');
END;
-- +goose StatementEnd
