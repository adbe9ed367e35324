import "./app/trustedTypes";
import "./app/styles";
import "./i18n";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/Providers";
import { router } from "./app/router";
import { passwordLinkSecret, setupToken } from "./features/session/linkSecret";
import { createQueryClient } from "./lib/queryClient";
import { session } from "./lib/session";

setupToken.take();
passwordLinkSecret.take();
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
