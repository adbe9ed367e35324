-- +goose Up
-- Nothing: here a search finds its rows through the index of clients itself.
SELECT 1;
