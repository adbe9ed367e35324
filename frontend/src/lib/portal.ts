/**
 * The origin of the portal: where this page came from, unless it was built to be hosted elsewhere (docs/admin-page.md).
 * Whatever the portal alone serves is at an address that is made here.
 */
export const portalOrigin = () => import.meta.env.VITE_PORTAL_URL || window.location.origin;

/** The address of a path of the portal. */
export const portalUrl = (path: string) => new URL(path, portalOrigin()).href;
