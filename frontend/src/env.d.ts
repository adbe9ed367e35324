interface ImportMetaEnv {
  /** The portal's public URL, for a page that is hosted elsewhere; empty when the portal serves the page. */
  readonly VITE_PORTAL_URL?: string;
}
