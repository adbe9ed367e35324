-- +goose Up
-- The indexes of the search of everything that is not a client. What is searched is written in package search too: an
-- index serves the same expression alone. The CPF of a person is not among it.
CREATE FUNCTION "search_fold" (text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$SELECT lower(translate($1, 'áÁàÀâÂãÃäÄåÅéÉèÈêÊëËíÍìÌîÎïÏóÓòÒôÔõÕöÖúÚùÙûÛüÜçÇñÑýÝÿŸ',
    'aaaaaaaaaaaaeeeeeeeeiiiiiiiioooooooooouuuuuuuuccnnyyyy'))$$;
CREATE INDEX "marketplaces_search" ON "marketplaces" USING gin (search_fold(
  description || ' ' || coalesce(external_account, '') || ' ' || coalesce(account_name, '')
  || ' ' || CASE WHEN length(account_document) = 14 THEN account_document ELSE '' END
  || ' ' || coalesce(settings ->> 'username', '')) gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX "access_keys_search" ON "access_keys" USING gin (search_fold(name || ' ' || visible_part || ' ' || last4) gin_trgm_ops)
  WITH (fastupdate = off);
CREATE INDEX "operators_search" ON "operators" USING gin (search_fold(name || ' ' || email) gin_trgm_ops)
  WITH (fastupdate = off);
CREATE INDEX "service_tokens_search" ON "service_tokens" USING gin (search_fold(name || ' ' || visible_part || ' ' || last4) gin_trgm_ops)
  WITH (fastupdate = off);
