import { Center, Container, Loader } from "@mantine/core";
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  redirect,
  useRouter,
} from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorAlert } from "@/components/ErrorAlert";
import { listSearch } from "@/components/listPage";
import { leakSearch } from "@/features/access-keys/leak";
import { auditSearch } from "@/features/audit/filter";
import { installSearch } from "@/features/marketplace/install/result";
import { setupRequired } from "@/features/session/api";
import type { ClientOrderField } from "@/gql/graphql";
import { ownPath } from "@/lib/ownPath";
import { session } from "@/lib/session";
import { AccessKeysPage, accessKeySearch } from "@/routes/accessKeys";
import { AccountPage } from "@/routes/account";
import { AuditPage } from "@/routes/audit";
import { ClientPage } from "@/routes/client";
import { ClientProductPage } from "@/routes/clientProduct";
import { ClientsPage } from "@/routes/clients";
import { DuePage, dueSearch } from "@/routes/due";
import { HomePage } from "@/routes/home";
import { LeakPage } from "@/routes/leak";
import { LoginPage } from "@/routes/login";
import { NotFoundPage } from "@/routes/notFound";
import { OperatorsPage } from "@/routes/operators";
import { PasswordPage } from "@/routes/password";
import { ProductsPage } from "@/routes/products";
import { SettingsPage } from "@/routes/settings";
import { SetupPage } from "@/routes/setup";
import { Root } from "./Root";
import { Shell } from "./Shell";

const root = createRootRoute({
  component: Root,
  errorComponent: Failure,
  beforeLoad: () => session.start(),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: LoginPage,
  validateSearch: (raw: Record<string, unknown>): { next?: string } => ({ next: ownPath(raw.next) }),
  beforeLoad: async () => {
    if (session.getState().status === "active") throw redirect({ to: "/" });
    if (await setupRequired()) throw redirect({ to: "/setup" });
  },
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: SetupPage,
  beforeLoad: async () => {
    if (session.getState().status === "active" || !(await setupRequired())) throw redirect({ to: "/" });
  },
});

const password = createRoute({ getParentRoute: () => root, path: "/senha", component: PasswordPage });

/** Every page of a logged-in operator. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: Shell,
  beforeLoad: ({ location }) => {
    if (session.getState().status === "anonymous") {
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
});

const home = createRoute({ getParentRoute: () => app, path: "/", component: HomePage, validateSearch: installSearch });

const clientsSearch = listSearch(["hasProblem", "exceptIncidents", "hasWrongShop", "withoutKey", "archived", "add"], [
  "NAME",
  "CREATED_AT",
  "TROUBLE",
] satisfies ClientOrderField[]);

const clients = createRoute({
  getParentRoute: () => app,
  path: "/clientes",
  component: ClientsPage,
  validateSearch: clientsSearch,
});

const client = createRoute({ getParentRoute: () => app, path: "/clientes/$id", component: ClientPage });

const clientProduct = createRoute({
  getParentRoute: () => app,
  path: "/clientes/$id/produtos/$clientProductId",
  component: ClientProductPage,
  validateSearch: installSearch,
});

const accessKeys = createRoute({
  getParentRoute: () => app,
  path: "/chaves",
  component: AccessKeysPage,
  validateSearch: accessKeySearch,
});

const leak = createRoute({
  getParentRoute: () => app,
  path: "/chaves/$id/vazamento",
  component: LeakPage,
  validateSearch: leakSearch,
});

const audit = createRoute({
  getParentRoute: () => app,
  path: "/auditoria",
  component: AuditPage,
  validateSearch: auditSearch,
});

const products = createRoute({
  getParentRoute: () => app,
  path: "/produtos",
  component: ProductsPage,
  validateSearch: listSearch([], []),
});

const due = createRoute({
  getParentRoute: () => app,
  path: "/vencimentos",
  component: DuePage,
  validateSearch: dueSearch,
});

const settings = createRoute({ getParentRoute: () => app, path: "/configuracoes", component: SettingsPage });

const account = createRoute({ getParentRoute: () => app, path: "/conta", component: AccountPage });

const operators = createRoute({
  getParentRoute: () => app,
  path: "/operadores",
  component: OperatorsPage,
  validateSearch: listSearch(["tokens"], []),
});

/** Beside the menu too; a stranger is asked to log in first. */
const notFound = createRoute({ getParentRoute: () => app, path: "$", component: NotFoundPage });

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
  defaultPendingComponent: Waiting,
  defaultErrorComponent: Failure,
  scrollRestoration: true,
  // All text, so that a search for digits stays what was typed.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(
      Object.entries(search).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    ).toString();
    return text && `?${text}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
