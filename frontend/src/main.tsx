import "./app/trustedTypes";
import "./app/styles";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/Providers";
import { preloadPage, router } from "./app/router";
import { passwordLinkSecret, setupToken } from "./features/session/linkSecret";
import { startSpeaking } from "./i18n";
import { createQueryClient } from "./lib/queryClient";
import { session } from "./lib/session";

setupToken.take();
passwordLinkSecret.take();
session.followOtherTabs();
// The page's code and its texts arrive at the same time as the session.
preloadPage();
await startSpeaking();

const element = document.getElementById("root");
if (!element) throw new Error("index.html has no #root");

createRoot(element).render(
  <StrictMode>
    <Providers queryClient={createQueryClient()}>
      <RouterProvider router={router} />
    </Providers>
  </StrictMode>,
);
