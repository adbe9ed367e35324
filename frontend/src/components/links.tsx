import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

type LinkAttributes<P> = P & Omit<ComponentProps<"a">, keyof P>;

/** Mantine's link and button as typed links of the router. */
export const AnchorLink = createLink((props: LinkAttributes<AnchorProps>) => <Anchor {...props} />);

export const ButtonLink = createLink((props: LinkAttributes<ButtonProps>) => <Button component="a" {...props} />);
