import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { MapPinOff } from 'lucide-react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient, sessionQuery, setupQuery } from '../api/queries.ts';
import { ChatPage } from '../features/chat/chat-page.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { Shell } from './shell.tsx';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => <Failed error={error} />,
});

function NotFound() {
  const { t } = useTranslation();
  return (
    <main className="h-full">
      <Empty icon={MapPinOff} title={t('There is no such page')}>
        <a href="/" className="text-accent underline underline-offset-4">
          {t('Back to the chats')}
        </a>
      </Empty>
    </main>
  );
}

/** Pages for those who are logged in; others are sent where they can become so. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  async beforeLoad({ location }) {
    const session = await queryClient.fetchQuery(sessionQuery).catch(() => undefined);
    // Without a server nothing can be said: the page shows that itself.
    if (session !== null) return;
    const setup = await queryClient.fetchQuery(setupQuery);
    throw setup.open ? redirect({ to: '/setup' }) : redirect({ to: '/sign-in', search: { to: location.href } });
  },
});

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
/** The parts of an address that are texts. */
const textsOf = (search: Record<string, unknown>): { [name: string]: string | undefined } =>
  Object.fromEntries(Object.entries(search).map(([name, value]) => [name, text(String(value))]));

const within = <Path extends string>(path: Path, component: Parameters<typeof createRoute>[0]['component']) =>
  createRoute({ getParentRoute: () => shell, path, component });

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: ChatPage,
  validateSearch: (search: Record<string, unknown>): { project?: string; temporary?: boolean; text?: string } => ({
    ...(text(search.project) && { project: text(search.project) }),
    ...(search.temporary === true && { temporary: true }),
    ...(sharedText(search) && { text: sharedText(search) }),
  }),
});

/** What the share sheet of a phone hands over: a title, a text, an address. */
function sharedText({ title, text: words, url }: Record<string, unknown>): string {
  return [title, words, url].map(text).filter(Boolean).join('\n');
}

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
});
const setting = <Path extends string>(path: Path, load: () => Promise<{ default: ComponentType }>) =>
  createRoute({ getParentRoute: () => settings, path, component: lazyRouteComponent(load) });
const admin = createRoute({
  getParentRoute: () => shell,
  path: '/admin',
  component: lazyRouteComponent(() => import('../features/admin/admin-page.tsx'), 'AdminPage'),
});
const page = <Path extends string>(path: Path, load: () => Promise<{ default: ComponentType }>) =>
  createRoute({
    getParentRoute: () => admin,
    path,
    component: lazyRouteComponent(load),
    validateSearch: textsOf,
  });

const outside = <Path extends string>(path: Path, component: Parameters<typeof createRoute>[0]['component']) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component,
    validateSearch: textsOf,
  });

const tree = root.addChildren([
  shell.addChildren([
    home,
    within('/c/$id', ChatPage),
    within(
      '/folders/$id',
      lazyRouteComponent(() => import('../features/chat/folder-page.tsx'), 'FolderPage'),
    ),
    within(
      '/prompts',
      lazyRouteComponent(() => import('../features/chat/prompts-page.tsx'), 'PromptsPage'),
    ),
    settings.addChildren([
      setting('/', () => import('../features/settings/look.tsx')),
      setting('/security', () => import('../features/settings/security.tsx')),
      setting('/keys', () => import('../features/settings/keys-page.tsx')),
      setting('/usage', () => import('../features/settings/usage.tsx')),
      setting('/data', () => import('../features/settings/data.tsx')),
    ]),
    admin.addChildren([
      page('/', () => import('../features/admin/overview.tsx')),
      page('/providers', () => import('../features/admin/providers.tsx')),
      page('/models', () => import('../features/admin/models.tsx')),
      page('/routing', () => import('../features/admin/routing.tsx')),
      page('/teams', () => import('../features/admin/teams.tsx')),
      page('/plans', () => import('../features/admin/plans.tsx')),
      page('/guardrails', () => import('../features/admin/guardrails.tsx')),
      page('/keys', () => import('../features/admin/keys-page.tsx')),
      page('/people', () => import('../features/admin/people.tsx')),
      page('/budgets', () => import('../features/admin/budgets.tsx')),
      page('/limits', () => import('../features/admin/limits.tsx')),
      page('/cache', () => import('../features/admin/cache.tsx')),
      page('/calls', () => import('../features/admin/calls.tsx')),
      page('/settings', () => import('../features/admin/gateway.tsx')),
      page('/audit', () => import('../features/admin/audit.tsx')),
    ]),
  ]),
  outside(
    '/sign-in',
    lazyRouteComponent(() => import('../features/auth/sign-in.tsx'), 'SignInPage'),
  ),
  outside(
    '/setup',
    lazyRouteComponent(() => import('../features/auth/join.tsx'), 'SetupPage'),
  ),
  outside(
    '/invitation',
    lazyRouteComponent(() => import('../features/auth/join.tsx'), 'InvitationPage'),
  ),
  outside(
    '/reset-password',
    lazyRouteComponent(() => import('../features/auth/join.tsx'), 'ResetPasswordPage'),
  ),
  outside(
    '/share/$token',
    lazyRouteComponent(() => import('../features/share/share-page.tsx'), 'SharePage'),
  ),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
