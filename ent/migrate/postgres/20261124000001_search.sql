-- +goose Up
-- The index of the search of clients. The extension is a trusted one: the owner of the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
-- Without fastupdate a new client costs a little more, and no search has to read a list of what is not yet indexed.
CREATE INDEX "clients_search" ON "clients" USING gin ("search_text" gin_trgm_ops) WITH (fastupdate = off);
