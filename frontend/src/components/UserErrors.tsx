import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { UserErrorCode } from "@/gql/graphql";
import type { UserError } from "@/lib/userErrors";
import { AnchorLink } from "./links";

/** Errors whose relatedId is the client in the way. */
const namesClient = new Set<UserErrorCode>(["DOCUMENT_TAKEN", "ACCOUNT_TAKEN"]);

/** What the server says of a mistake, with a link to the client that is in the way. */
export function UserErrorText({ error }: { error: UserError }) {
  const { t } = useTranslation();
  if (!namesClient.has(error.code) || !error.relatedId) return error.message;
  return (
    <>
      {error.message}{" "}
      <AnchorLink to="/clientes/$id" params={{ id: error.relatedId }} fz="inherit" underline="always">
        {t("client.openExisting")}
      </AnchorLink>
    </>
  );
}

/** Mistakes that no field of the page can show. */
export function UserErrors({ errors = [] }: { errors?: readonly UserError[] }) {
  if (errors.length === 0) return null;
  return (
    <Alert color="red" role="alert">
      {errors.map((error) => (
        <div key={`${error.code} ${error.field.join(".")}`}>
          <UserErrorText error={error} />
        </div>
      ))}
    </Alert>
  );
}
