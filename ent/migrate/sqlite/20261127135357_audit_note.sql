-- +goose Up
-- add column "trail_anchor" to table: "keysets"
ALTER TABLE `keysets` ADD COLUMN `trail_anchor` text NULL;
-- add column "trail_mac" to table: "keysets"
ALTER TABLE `keysets` ADD COLUMN `trail_mac` blob NULL;
