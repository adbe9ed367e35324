import { Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useEdit } from "@/components/edit";
import { DialogForm } from "@/components/form";
import { UserErrorText } from "@/components/UserErrors";
import type { ClientFieldsFragment } from "@/gql/graphql";
import { checkDocument, formatDocument, lengths } from "@/lib/document";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { ClientOfDocument, CreateClient, UpdateClient } from "./api";

interface Props {
  /** The client to change; a new one when absent. */
  client?: ClientFieldsFragment;
  /** The document of a new client, as far as it is known. */
  document?: string;
  onDone: (id: string) => void;
}

/** The client that has a document already, unless it is the one that is edited. */
async function findOther(document: string, own?: string) {
  const { active, archived } = await request(ClientOfDocument, { document });
  return [...active.edges, ...archived.edges]
    .map(({ node }) => node)
    .find((client) => client.document === document && client.id !== own);
}

const valuesOf = (client?: ClientFieldsFragment, document = "") => ({
  name: client?.name ?? "",
  tradeName: client?.tradeName ?? "",
  document: client?.documentFormatted ?? document,
});

/** The client's own data. The document is checked as it is typed; a duplicate links to the client that has it. */
export function ClientForm({ client, document = "", onDone }: Props) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useForm({
    initialValues: valuesOf(client, document),
    validate: {
      name: (value) => (value.trim() ? null : t("form.required")),
      document: (value) => {
        if (!value.trim()) return t("form.required");
        const { problem } = checkDocument(value);
        return problem ? t(`document.${problem}`) : null;
      },
    },
  });

  const edit = useEdit({
    form,
    object: client,
    valuesOf,
    shownOf: (now) => ({
      [t("document.label")]: now.documentFormatted,
      [t("client.name")]: now.name,
      [t("client.tradeName")]: now.tradeName ?? "",
    }),
  });

  const check = checkDocument(form.values.document);
  // Eleven wrong digits may still become a CNPJ: length and CPF are judged when the field is left.
  const early =
    check.problem === "characters" || (check.kind === "CNPJ" && check.problem) || check.document.length > 14;
  const field = form.getInputProps("document");
  const valid = check.kind && !check.problem && !field.error;
  const typed = check.document.length;

  /** A second client with the document is told now, and not after the rest of the form was typed. */
  const lookUp = async () => {
    const other = await findOther(check.document, client?.id).catch(() => undefined); // saving tells it, too
    if (!other || checkDocument(form.getValues().document).document !== check.document) return;
    const message = t("document.taken", { name: other.name, kind: check.kind });
    form.setFieldError(
      "document",
      <UserErrorText
        error={{ code: "DOCUMENT_TAKEN", field: ["document"], message, relatedId: other.id, edits: [] }}
      />,
    );
  };

  return (
    <DialogForm
      form={form}
      submitLabel={client ? t("action.save") : t("clients.add")}
      edit={edit}
      send={async (values) => {
        if (client) {
          const input = { id: client.id, version: edit.version, ...values };
          return (await request(UpdateClient, { input })).updateClient;
        }
        return (await request(CreateClient, { input: { ...values, idempotencyKey: idempotencyKey(values) } }))
          .createClient;
      }}
      onDone={(payload) => onDone(payload.client?.id ?? "")}
    >
      <TextInput
        label={t("document.label")}
        description={t("document.help")}
        required
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        maxLength={60}
        rightSection={valid && <IconCircleCheck size={20} color="var(--mantine-color-green-6)" aria-hidden />}
        {...field}
        error={field.error ?? (early && check.problem ? t(`document.${check.problem}`) : undefined)}
        onBlur={(event) => {
          field.onBlur?.(event);
          const formatted = formatDocument(form.values.document);
          // A change takes the error away, and with it the link that may be about to be pressed.
          if (!check.problem && formatted !== form.values.document) form.setFieldValue("document", formatted);
          if (check.problem && form.values.document) form.validateField("document");
          if (valid && check.document !== client?.document) void lookUp();
        }}
      />
      <Text size="xs" c="dimmed" mt={-8} role="status">
        {valid && t("document.valid", { kind: check.kind })}
        {!field.error && typed > 0 && typed < lengths.CPF && t("document.counting", { count: typed })}
        {!field.error && typed > lengths.CPF && typed < lengths.CNPJ && t("document.countingCNPJ", { typed })}
      </Text>
      <TextInput label={t("client.name")} required autoComplete="off" maxLength={200} {...form.getInputProps("name")} />
      <TextInput
        label={t("client.tradeName")}
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps("tradeName")}
      />
    </DialogForm>
  );
}
