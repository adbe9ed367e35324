-- +goose Up
-- modify "audit_events" table
ALTER TABLE "audit_events" ALTER COLUMN "changes" TYPE json, ADD COLUMN "result" character varying NOT NULL DEFAULT 'DONE', ADD COLUMN "seq" bigint NULL, ADD COLUMN "details_mac" bytea NULL, ADD COLUMN "hash" bytea NULL;
-- create index "audit_events_seq_key" to table: "audit_events"
CREATE UNIQUE INDEX "audit_events_seq_key" ON "audit_events" ("seq");
-- modify "keysets" table
ALTER TABLE "keysets" ADD COLUMN "revision" bigint NOT NULL DEFAULT 1, ADD COLUMN "rotation" character varying NULL, ADD COLUMN "rotation_since" timestamptz NULL;
-- create "audit_checkpoints" table
CREATE TABLE "audit_checkpoints" (
  "id" character varying NOT NULL,
  "created_at" timestamptz NOT NULL,
  "kind" character varying NOT NULL,
  "through_seq" bigint NOT NULL,
  "hash" bytea NOT NULL,
  "events" bigint NOT NULL,
  "mac" bytea NOT NULL,
  PRIMARY KEY ("id")
);
-- create "audit_heads" table
CREATE TABLE "audit_heads" (
  "id" character varying NOT NULL,
  "seq" bigint NOT NULL,
  "hash" bytea NOT NULL,
  PRIMARY KEY ("id")
);
DROP TRIGGER "audit_events_append_only" ON "audit_events";
-- An event from before the chain may get its place in it, an event's details may be emptied (LGPD), and events that a
-- checkpoint stands for may go. Nothing else happens to an event.
-- +goose StatementBegin
CREATE FUNCTION "audit_events_guard"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT FROM "audit_checkpoints" WHERE "kind" = 'TRIM' AND "through_seq" >= OLD."seq") THEN
      RETURN OLD;
    END IF;
  ELSIF OLD."seq" IS NULL AND NEW."seq" IS NOT NULL
    AND to_jsonb(NEW) - '{seq,details_mac,hash}'::text[] = to_jsonb(OLD) - '{seq,details_mac,hash}'::text[] THEN
    RETURN NEW;
  ELSIF NEW."changes" IS NULL AND NEW."actor_label" = '' AND NEW."address" = ''
    AND to_jsonb(NEW) - '{changes,actor_label,address}'::text[] = to_jsonb(OLD) - '{changes,actor_label,address}'::text[] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'integrity_constraint_violation';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER "audit_events_guarded" BEFORE UPDATE OR DELETE ON "audit_events"
  FOR EACH ROW EXECUTE FUNCTION "audit_events_guard"();
CREATE TRIGGER "audit_events_no_truncate" BEFORE TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_refuse"();
CREATE TRIGGER "audit_checkpoints_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_checkpoints"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_refuse"();
-- The head only moves on.
-- +goose StatementBegin
CREATE FUNCTION "audit_heads_guard"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW."seq" > OLD."seq" THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_heads only moves on' USING ERRCODE = 'integrity_constraint_violation';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER "audit_heads_guarded" BEFORE UPDATE OR DELETE ON "audit_heads"
  FOR EACH ROW EXECUTE FUNCTION "audit_heads_guard"();
CREATE TRIGGER "audit_heads_no_truncate" BEFORE TRUNCATE ON "audit_heads"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_refuse"();
