import "./app/trustedTypes";
import "./app/styles";
import "./i18n";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/Providers";
import { router } from "./app/router";
import { takeSetupToken } from "./features/session/setupToken";
import { createQueryClient } from "./lib/queryClient";
import { session } from "./lib/session";

takeSetupToken();
session.followOtherTabs();

const element = document.getElementById("root");
if (!element) throw new Error("index.html has no #root");

createRoot(element).render(
  <StrictMode>
    <Providers queryClient={createQueryClient()}>
      <RouterProvider router={router} />
    </Providers>
  </StrictMode>,
);
