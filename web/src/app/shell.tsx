import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { applyLook } from '../api/look.ts';
import { preferencesQuery } from '../api/queries.ts';
import { languageOf, speak } from '../i18n/index.ts';
import { cn } from '../ui/cn.ts';
import { Offline } from './offline.tsx';
import { Palette } from './palette.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { Sidebar } from './sidebar.tsx';
import { useSidebar } from './sidebar-state.ts';

/** What stands around every page of somebody who is logged in. */
export function Shell() {
  const { t } = useTranslation();
  const { open, over, closeOver } = useSidebar();
  const { data: preferences } = useQuery(preferencesQuery);

  // Brings the document in line with the preferences.
  useEffect(() => {
    if (!preferences) return;
    applyLook(preferences);
    void speak(languageOf(preferences.language));
  }, [preferences]);

  return (
    <div className="flex h-full">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-control focus:bg-raised focus:px-3 focus:py-2"
      >
        {t('Skip to the page')}
      </a>
      {over && (
        <button
          type="button"
          aria-label={t('Close the sidebar')}
          className="fixed inset-0 z-20 bg-black/40 md:hidden"
          onClick={closeOver}
        />
      )}
      <div
        className={cn(
          'fixed inset-y-0 left-0 z-30 w-[17.5rem] border-r border-line transition-transform duration-200 ease-calm max-md:shadow-pop md:static md:shrink-0',
          over ? 'translate-x-0' : 'max-md:invisible max-md:-translate-x-full',
          !open && 'md:hidden',
        )}
      >
        <Sidebar />
      </div>
      <main id="main" tabIndex={-1} className="flex h-full min-w-0 flex-1 flex-col outline-none">
        <Offline />
        <div className="min-h-0 flex-1">
          <Outlet />
        </div>
      </main>
      <Palette />
      <Shortcuts />
    </div>
  );
}
