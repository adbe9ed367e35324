import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

type LinkAttributes<P> = P & Omit<ComponentProps<"a">, keyof P>;

/** Mantine's link, button and menu entry as typed links of the router. */
export const AnchorLink = createLink((props: LinkAttributes<AnchorProps>) => <Anchor {...props} />);

export const ButtonLink = createLink((props: LinkAttributes<ButtonProps>) => <Button component="a" {...props} />);

export const MenuLink = createLink((props: LinkAttributes<NavLinkProps>) => <NavLink {...props} />);
