-- +goose Up
-- create "retention_clocks" table
CREATE TABLE `retention_clocks` (
  `id` text NOT NULL,
  `believed_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
