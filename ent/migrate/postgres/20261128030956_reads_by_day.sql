-- +goose Up
-- The reads of an hour become those of a day: the counts of its hours are summed up.
DROP INDEX "credential_reads_once";
DROP INDEX "credentialread_hour";
ALTER TABLE "credential_reads" RENAME COLUMN "hour" TO "day";
CREATE TEMPORARY TABLE "reads_by_day" ON COMMIT DROP AS
SELECT min("id") AS "id", min("created_at") AS "created_at", "access_key_id", min("client_id") AS "client_id",
  "marketplace_id", "credential_version", "address",
  date_trunc('day', "day" AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS "day",
  sum("count")::bigint AS "count", min("first_at") AS "first_at", max("last_at") AS "last_at"
FROM "credential_reads"
GROUP BY "access_key_id", "marketplace_id", "credential_version", "address",
  date_trunc('day', "day" AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
TRUNCATE "credential_reads";
INSERT INTO "credential_reads" ("id", "created_at", "access_key_id", "client_id", "marketplace_id", "credential_version", "address", "day", "count", "first_at", "last_at")
SELECT "id", "created_at", "access_key_id", "client_id", "marketplace_id", "credential_version", "address", "day", "count", "first_at", "last_at"
FROM "reads_by_day";
-- create index "credential_reads_once" to table: "credential_reads"
CREATE UNIQUE INDEX "credential_reads_once" ON "credential_reads" ("access_key_id", "marketplace_id", "credential_version", "address", "day");
-- create index "credentialread_day" to table: "credential_reads"
CREATE INDEX "credentialread_day" ON "credential_reads" ("day");
