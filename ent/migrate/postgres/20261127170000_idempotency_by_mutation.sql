-- +goose Up
-- drop index "idempotentrequest_operator_id_key" from table: "idempotent_requests"
DROP INDEX "idempotentrequest_operator_id_key";
-- create index "idempotentrequest_operator_id_operation_key" to table: "idempotent_requests"
CREATE UNIQUE INDEX "idempotentrequest_operator_id_operation_key" ON "idempotent_requests" ("operator_id", "operation", "key");
