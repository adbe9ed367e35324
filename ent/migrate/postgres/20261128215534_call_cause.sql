-- +goose Up
-- modify "marketplaces" table
ALTER TABLE "marketplaces" ADD COLUMN "call_cause" character varying NULL, ADD COLUMN "call_detail" character varying NULL;
-- Earlier versions kept the portal's own error where the provider's words belong: "POST https://host/path: unreachable: ...".
UPDATE "marketplaces" SET "call_detail" = "provider_message", "provider_message" = NULL, "call_cause" = CASE
  WHEN "provider_message" LIKE '%: connection refused%' THEN 'CONNECTION_REFUSED'
  WHEN "provider_message" LIKE '%: no such host%' THEN 'HOST_UNKNOWN'
  WHEN "provider_message" LIKE '%: not a public address%' OR "provider_message" LIKE '%: not https on port 443%' THEN 'ADDRESS_NOT_ALLOWED'
  WHEN "provider_message" LIKE '%: certificate not trusted%' THEN 'CERTIFICATE_NOT_TRUSTED'
  WHEN "provider_message" LIKE '%: connection cut%' OR "provider_message" LIKE '%: connection reset by peer%' THEN 'CONNECTION_CUT'
  WHEN "provider_message" LIKE '%: timed out%' THEN 'TIMED_OUT'
  WHEN "provider_message" LIKE '%: answer too large%' THEN 'ANSWER_TOO_LARGE'
  ELSE 'NO_ANSWER' END
WHERE ("provider_message" LIKE 'GET http%://%' OR "provider_message" LIKE 'POST http%://%' OR "provider_message" LIKE 'PUT http%://%' OR "provider_message" LIKE 'DELETE http%://%')
  AND ("provider_message" LIKE '%: unreachable%' OR "provider_message" LIKE '%: refused%' OR "provider_message" LIKE '%: timed out%'
    OR "provider_message" LIKE '%: answer too large%' OR "provider_message" LIKE '%: canceled%');
