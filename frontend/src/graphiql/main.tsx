import "../app/styles";
import "graphiql/style.css";
import "graphiql/setup-workers/vite";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "../app/Providers";
import { startSpeaking } from "../i18n";
import { createQueryClient } from "../lib/queryClient";
import { ApiPage } from "./ApiPage";

const element = document.getElementById("root");
if (!element) throw new Error("graphiql.html has no #root");

await startSpeaking();
createRoot(element).render(
  <StrictMode>
    <Providers queryClient={createQueryClient()}>
      <ApiPage />
    </Providers>
  </StrictMode>,
);
