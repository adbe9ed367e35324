import { Center, Container, Loader } from "@mantine/core";
import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
  useRouter,
} from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorAlert } from "@/components/ErrorAlert";
import { listSearch } from "@/components/listPage";
import { leakSearch } from "@/features/access-keys/leak";
import { accessKeySearch } from "@/features/access-keys/search";
import { auditSearch } from "@/features/audit/filter";
import { dueSearch } from "@/features/due/search";
import { monthSearch } from "@/features/history/month";
import { installSearch } from "@/features/marketplace/install/result";
import { setupRequired } from "@/features/session/api";
import type { ClientOrderField } from "@/gql/graphql";
import { withTexts } from "@/i18n";
import { searchText } from "@/lib/address";
import { ownPath } from "@/lib/ownPath";
import { session } from "@/lib/session";
import { Root } from "./Root";

const root = createRootRoute({
  component: Root,
  errorComponent: Failure,
  beforeLoad: () => session.start(),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: lazyRouteComponent(() => import("@/routes/login"), "LoginPage"),
  validateSearch: (raw: Record<string, unknown>): { next?: string } => ({ next: ownPath(raw.next) }),
  beforeLoad: async () => {
    if (session.getState().status === "active") throw redirect({ to: "/" });
    if (await setupRequired()) throw redirect({ to: "/setup" });
  },
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => withTexts(import("@/routes/setup"), "setup"), "SetupPage"),
  beforeLoad: async () => {
    if (session.getState().status === "active" || !(await setupRequired())) throw redirect({ to: "/" });
  },
});

const password = createRoute({
  getParentRoute: () => root,
  path: "/senha",
  component: lazyRouteComponent(() => withTexts(import("@/routes/password"), "setup"), "PasswordPage"),
});

/** Every page of a logged-in operator. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: lazyRouteComponent(() => import("./Shell"), "Shell"),
  beforeLoad: ({ location }) => {
    if (session.getState().status === "anonymous") {
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
});

const home = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => withTexts(import("@/routes/home"), "due"), "HomePage"),
  validateSearch: installSearch,
});

const clientsSearch = listSearch(["hasProblem", "exceptIncidents", "hasWrongShop", "withoutKey", "archived", "add"], [
  "NAME",
  "CREATED_AT",
  "TROUBLE",
] satisfies ClientOrderField[]);

const clients = createRoute({
  getParentRoute: () => app,
  path: "/clientes",
  component: lazyRouteComponent(() => import("@/routes/clients"), "ClientsPage"),
  validateSearch: clientsSearch,
});

const client = createRoute({
  getParentRoute: () => app,
  path: "/clientes/$id",
  component: lazyRouteComponent(() => import("@/routes/client"), "ClientPage"),
});

const clientHistory = createRoute({
  getParentRoute: () => app,
  path: "/clientes/$id/historico",
  component: lazyRouteComponent(() => withTexts(import("@/routes/clientHistory"), "history"), "ClientHistoryPage"),
  validateSearch: monthSearch,
});

const clientProduct = createRoute({
  getParentRoute: () => app,
  path: "/clientes/$id/produtos/$clientProductId",
  component: lazyRouteComponent(() => import("@/routes/clientProduct"), "ClientProductPage"),
  validateSearch: installSearch,
});

const accessKeys = createRoute({
  getParentRoute: () => app,
  path: "/chaves",
  component: lazyRouteComponent(() => import("@/routes/accessKeys"), "AccessKeysPage"),
  validateSearch: accessKeySearch,
});

const leak = createRoute({
  getParentRoute: () => app,
  path: "/chaves/$id/vazamento",
  component: lazyRouteComponent(() => withTexts(import("@/routes/leak"), "leak", "later"), "LeakPage"),
  validateSearch: leakSearch,
});

const audit = createRoute({
  getParentRoute: () => app,
  path: "/auditoria",
  component: lazyRouteComponent(() => withTexts(import("@/routes/audit"), "audit"), "AuditPage"),
  validateSearch: auditSearch,
});

const products = createRoute({
  getParentRoute: () => app,
  path: "/produtos",
  component: lazyRouteComponent(() => import("@/routes/products"), "ProductsPage"),
  validateSearch: listSearch([], []),
});

const due = createRoute({
  getParentRoute: () => app,
  path: "/vencimentos",
  component: lazyRouteComponent(() => withTexts(import("@/routes/due"), "due"), "DuePage"),
  validateSearch: dueSearch,
});

const settings = createRoute({
  getParentRoute: () => app,
  path: "/configuracoes",
  component: lazyRouteComponent(() => withTexts(import("@/routes/settings"), "settings", "audit"), "SettingsPage"),
});

const account = createRoute({
  getParentRoute: () => app,
  path: "/conta",
  component: lazyRouteComponent(() => withTexts(import("@/routes/account"), "account", "operators"), "AccountPage"),
});

const operators = createRoute({
  getParentRoute: () => app,
  path: "/operadores",
  component: lazyRouteComponent(() => withTexts(import("@/routes/operators"), "operators"), "OperatorsPage"),
  validateSearch: listSearch(["tokens"], []),
});

/** Beside the menu too; a stranger is asked to log in first. */
const notFound = createRoute({
  getParentRoute: () => app,
  path: "$",
  component: lazyRouteComponent(() => import("@/routes/notFound"), "NotFoundPage"),
});

function Failure({ error }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Container size="xs" py="xl" component="main">
      <ErrorAlert error={error} onRetry={() => void router.invalidate()} />
    </Container>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Center mih="60vh" role="status" aria-label={t("list.loading")}>
      <Loader />
    </Center>
  );
}

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    setup,
    password,
    app.addChildren([
      home,
      clients,
      client,
      clientHistory,
      clientProduct,
      accessKeys,
      leak,
      products,
      due,
      audit,
      settings,
      account,
      operators,
      notFound,
    ]),
  ]),
  // Its code is there when the link is clicked.
  defaultPreload: "intent",
  defaultPendingComponent: Waiting,
  defaultErrorComponent: Failure,
  scrollRestoration: true,
  ...searchText,
});

/** Fetches the code of the page in the address at once; the router itself does so when it knows whose session it is. */
export function preloadPage() {
  for (const { routeId } of router.matchRoutes(router.latestLocation)) {
    const { component } = (router.routesById as Record<string, AnyRoute>)[routeId]?.options ?? {};
    void component?.preload?.();
  }
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
