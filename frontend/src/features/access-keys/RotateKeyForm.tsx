import { Alert, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Fact } from "@/components/Fact";
import { DialogForm } from "@/components/form";
import { TimeText } from "@/components/TimeText";
import type { AccessKeyFieldsFragment } from "@/gql/graphql";
import { dayAhead, endOfDay } from "@/lib/day";
import { request } from "@/lib/graphql";
import { useIdempotencyKey } from "@/lib/idempotency";
import { RotateAccessKey } from "./api";
import { LastUse } from "./KeyStatus";
import type { IssuedKey } from "./TokenDialog";

const overlaps = [0, 24, 72, 168, 720] as const;

/** When the new key stops working: when the old one does, at the end of a day, or never. */
type End = "same" | "day" | "never";

/** The end as it is sent: absent for the same one, null for none. */
const endInput = (end: End, day: string): { expiresAt?: string | null } =>
  end === "same" ? {} : { expiresAt: end === "day" ? endOfDay(day) : null };

interface Props {
  accessKey: AccessKeyFieldsFragment;
  onIssued: (issued: IssuedKey) => void;
}

/** Generates a successor with the same end, unless another is chosen; the old key works on for the time that is chosen here. */
export function RotateKeyForm({ accessKey, onIssued }: Props) {
  const { t } = useTranslation();
  const idempotencyKey = useIdempotencyKey();
  const form = useForm({
    initialValues: { overlapHours: "24", end: "same" as End, expiresAt: "" },
    validate: { expiresAt: (day, { end }) => (end === "day" && !day ? t("form.required") : null) },
  });
  const { end } = form.values;
  return (
    <DialogForm
      form={form}
      submitLabel={t("accessKey.rotate")}
      send={async ({ overlapHours, end, expiresAt }) => {
        const input = { id: accessKey.id, overlapHours: Number(overlapHours), ...endInput(end, expiresAt) };
        return (await request(RotateAccessKey, { input: { ...input, idempotencyKey: idempotencyKey(input) } }))
          .rotateAccessKey;
      }}
      onDone={(payload) =>
        payload.accessKey && onIssued({ accessKey: payload.accessKey, token: payload.token ?? null })
      }
    >
      <Text size="sm">{t("accessKey.rotateBody")}</Text>
      <dl className="facts">
        <Fact label={t("accessKey.lastUse")}>
          <LastUse accessKey={accessKey} />
        </Fact>
        <Fact label={t("accessKey.expiry")}>
          {accessKey.expiresAt ? <TimeText value={accessKey.expiresAt} as="minute" /> : t("accessKey.noExpiry")}
        </Fact>
      </dl>
      <Radio.Group label={t("accessKey.overlap")} {...form.getInputProps("overlapHours")}>
        <Stack gap="xs" mt="xs">
          {overlaps.map((hours) => (
            <Radio key={hours} value={String(hours)} label={t(`accessKey.overlapHours.${hours}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Radio.Group label={t("accessKey.newEnd")} {...form.getInputProps("end")}>
        <Stack gap="xs" mt="xs">
          <Radio value="same" label={t(accessKey.expiresAt ? "accessKey.sameEnd" : "accessKey.sameNoEnd")} />
          <Radio value="day" label={t("accessKey.otherEnd")} />
          {accessKey.expiresAt && <Radio value="never" label={t("accessKey.noExpiry")} />}
        </Stack>
      </Radio.Group>
      {end === "day" && (
        <TextInput
          type="date"
          label={t("accessKey.expiry")}
          required
          min={dayAhead(0)}
          {...form.getInputProps("expiresAt")}
        />
      )}
      <div role="status">
        {end === "never" && (
          <Alert color="orange" icon={<IconAlertTriangle />}>
            {t("accessKey.neverEnds")}
          </Alert>
        )}
      </div>
    </DialogForm>
  );
}
