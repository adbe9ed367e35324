import { laterDialog } from "./later";
import type { LostDialogProps, OnceDialogProps } from "./OnceDialogs";

export const OnceDialog = laterDialog<OnceDialogProps>(() =>
  import("./OnceDialogs").then((module) => module.OnceDialog),
);

export const LostDialog = laterDialog<LostDialogProps>(() =>
  import("./OnceDialogs").then((module) => module.LostDialog),
);
