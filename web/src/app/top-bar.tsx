import { PanelLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button.tsx';
import { useSidebar } from './sidebar-state.ts';

/** The line at the top of every page: the sidebar's button where it is away, what the page is, and what can be done with it. */
export function TopBar({ title, children }: { title: ReactNode; children?: ReactNode }) {
  const { t } = useTranslation();
  const { open, toggle } = useSidebar();
  return (
    <header className="flex h-13 shrink-0 items-center gap-1 px-3 pt-[env(safe-area-inset-top)]">
      <Button
        look="quiet"
        size="icon-small"
        className={open ? 'md:hidden' : ''}
        aria-label={t('Show the sidebar')}
        onClick={toggle}
      >
        <PanelLeft className="size-4" />
      </Button>
      <p className="min-w-0 flex-1 truncate px-1 text-sm font-medium">{title}</p>
      {children}
    </header>
  );
}
