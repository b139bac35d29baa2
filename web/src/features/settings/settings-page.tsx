import { Link, Outlet } from '@tanstack/react-router';
import { ChartNoAxesColumn, Database, KeyRound, Palette, ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { TopBar } from '../../app/top-bar.tsx';

const linkClass =
  'flex items-center gap-2.5 rounded-control px-3 py-2 text-sm whitespace-nowrap text-quiet hover:bg-sunken hover:text-ink [&>svg]:size-4';

/** What concerns one person, a page for each matter. */
export function SettingsPage() {
  const { t } = useTranslation();
  const pages = [
    { to: '/settings', icon: Palette, name: t('Look and language') },
    { to: '/settings/security', icon: ShieldCheck, name: t('Sign-in and security') },
    { to: '/settings/keys', icon: KeyRound, name: t('Keys') },
    { to: '/settings/usage', icon: ChartNoAxesColumn, name: t('Usage') },
    { to: '/settings/data', icon: Database, name: t('Your data') },
  ];
  return (
    <div className="flex h-full flex-col">
      <TopBar title={t('Settings')} />
      <div className="scrollbar-quiet min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex max-w-5xl flex-col gap-6 px-4 pb-16 sm:px-6 md:flex-row md:gap-10">
          <nav
            aria-label={t('Settings')}
            className="scrollbar-quiet -mx-4 flex shrink-0 gap-1 overflow-x-auto px-4 md:mx-0 md:w-52 md:flex-col md:px-0 md:pt-2"
          >
            {pages.map(({ to, icon: Icon, name }) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: true }}
                className={linkClass}
                activeProps={{ className: '!text-ink bg-sunken font-medium' }}
              >
                <Icon /> {name}
              </Link>
            ))}
          </nav>
          <div className="min-w-0 flex-1 pt-2">
            <Outlet />
          </div>
        </div>
      </div>
    </div>
  );
}
