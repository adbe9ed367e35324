import { Button } from "@mantine/core";
import { IconBrandWhatsapp, IconMail } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

interface Props {
  /** What is sent. It must hold no secret: it stands in an address, which histories and logs keep. */
  text: string;
  subject: string;
  size?: string;
}

/** Two ways to send a text: WhatsApp and e-mail. */
export function ShareLinks({ text, subject, size }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        component="a"
        variant="default"
        size={size}
        leftSection={<IconBrandWhatsapp size={16} />}
        href={`https://wa.me/?text=${encodeURIComponent(text)}`}
        target="_blank"
        rel="noopener noreferrer"
      >
        {t("share.whatsapp")}
      </Button>
      <Button
        component="a"
        variant="default"
        size={size}
        leftSection={<IconMail size={16} />}
        href={`mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text)}`}
      >
        {t("share.email")}
      </Button>
    </>
  );
}
