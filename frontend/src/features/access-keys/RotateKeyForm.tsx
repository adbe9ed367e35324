import { Radio, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { DialogForm } from "@/components/form";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { RotateAccessKey } from "./api";
import type { IssuedKey } from "./TokenDialog";

const overlaps = [0, 24, 72, 168, 720] as const;

interface Props {
  accessKey: AccessKeyFieldsFragment;
  onIssued: (issued: IssuedKey) => void;
}

/** Generates a successor; the old key works on for the time that is chosen here. */
export function RotateKeyForm({ accessKey, onIssued }: Props) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useForm({ initialValues: { overlapHours: "24" } });
  return (
    <DialogForm
      form={form}
      submitLabel={t("accessKey.rotate")}
      send={async ({ overlapHours }) => {
        const input = { id: accessKey.id, overlapHours: Number(overlapHours) };
        return (await request(RotateAccessKey, { input: { ...input, idempotencyKey: idempotencyKey(input) } }))
          .rotateAccessKey;
      }}
      onDone={(payload) =>
        payload.accessKey && onIssued({ accessKey: payload.accessKey, token: payload.token ?? null })
      }
    >
      <Text size="sm">{t("accessKey.rotateBody")}</Text>
      <Radio.Group label={t("accessKey.overlap")} {...form.getInputProps("overlapHours")}>
        <Stack gap="xs" mt="xs">
          {overlaps.map((hours) => (
            <Radio key={hours} value={String(hours)} label={t(`accessKey.overlapHours.${hours}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </DialogForm>
  );
}
