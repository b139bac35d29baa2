import { Link, Outlet } from '@tanstack/react-router';
import {
  BadgeDollarSign,
  Boxes,
  Database,
  Gauge,
  KeyRound,
  LayoutDashboard,
  ListTree,
  type LucideIcon,
  ScrollText,
  Server,
  Shield,
  SlidersHorizontal,
  Users,
  UsersRound,
  Wallet,
  Waypoints,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { may, useMe } from '../../api/queries.ts';
import { TopBar } from '../../app/top-bar.tsx';

interface AdminLink {
  to: string;
  icon: LucideIcon;
  name: string;
  /** Who sees it. */
  need: string;
}

/** Administration: a page for each noun, shown to those who may read it. */
export function AdminPage() {
  const { t } = useTranslation();
  const me = useMe();
  const links: AdminLink[] = [
    { to: '/admin', icon: LayoutDashboard, name: t('Overview'), need: 'usage:read' },
    { to: '/admin/calls', icon: ListTree, name: t('Calls'), need: 'usage:read' },
    { to: '/admin/models', icon: Boxes, name: t('Models'), need: 'models:use' },
    { to: '/admin/routing', icon: Waypoints, name: t('Routing'), need: 'models:use' },
    { to: '/admin/providers', icon: Server, name: t('Providers'), need: 'operator' },
    { to: '/admin/people', icon: Users, name: t('People'), need: 'members:read' },
    { to: '/admin/teams', icon: UsersRound, name: t('Teams'), need: 'members:read' },
    { to: '/admin/keys', icon: KeyRound, name: t('Keys'), need: 'keys:read' },
    { to: '/admin/budgets', icon: Wallet, name: t('Budgets'), need: 'budgets:read' },
    { to: '/admin/limits', icon: Gauge, name: t('Limits'), need: 'limits:read' },
    { to: '/admin/plans', icon: BadgeDollarSign, name: t('Plans'), need: 'operator' },
    { to: '/admin/guardrails', icon: Shield, name: t('Guardrails'), need: 'guardrails:read' },
    { to: '/admin/cache', icon: Database, name: t('Cache'), need: 'cache:write' },
    { to: '/admin/audit', icon: ScrollText, name: t('Audit'), need: 'audit:read' },
    { to: '/admin/settings', icon: SlidersHorizontal, name: t('Settings'), need: 'operator' },
  ];
  return (
    <div className="flex h-full flex-col">
      <TopBar title={t('Administration')} />
      <div className="flex min-h-0 flex-1 flex-col md:flex-row">
        <nav
          aria-label={t('Administration')}
          className="scrollbar-quiet flex shrink-0 gap-0.5 overflow-x-auto border-line px-3 pb-2 max-md:border-b md:w-48 md:flex-col md:overflow-y-auto md:border-r"
        >
          {links
            .filter(({ need }) => (need === 'operator' ? me?.operator : may(me, need)))
            .map(({ to, icon: Icon, name }) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: true, includeSearch: false }}
                className="flex items-center gap-2.5 rounded-control px-3 py-2 text-sm whitespace-nowrap text-quiet hover:bg-sunken hover:text-ink"
                activeProps={{ className: '!text-ink bg-sunken font-medium' }}
              >
                <Icon className="size-4" /> {name}
              </Link>
            ))}
        </nav>
        <div className="scrollbar-quiet min-w-0 flex-1 overflow-y-auto px-4 pt-4 pb-16 sm:px-6">
          <div className="mx-auto max-w-6xl">
            <Outlet />
          </div>
        </div>
      </div>
    </div>
  );
}
