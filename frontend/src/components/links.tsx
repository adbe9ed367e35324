import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { rowLink } from "./rows";

type LinkAttributes<P> = P & Omit<ComponentProps<"a">, keyof P>;

/** Mantine's link and button as typed links of the router. */
export const AnchorLink = createLink((props: LinkAttributes<AnchorProps>) => <Anchor {...props} />);

/** The link that a whole row of a list leads to. */
export const RowLink = createLink((props: LinkAttributes<AnchorProps>) => <Anchor fw={600} {...rowLink} {...props} />);

export const ButtonLink = createLink((props: LinkAttributes<ButtonProps>) => <Button component="a" {...props} />);
