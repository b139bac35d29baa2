import { CircleAlert, LoaderCircle, Lock, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { Button } from './button.tsx';
import { cn } from './cn.ts';

export const Spinner = ({ className }: { className?: string }) => (
  <LoaderCircle className={cn('size-4 animate-spin text-quiet', className)} aria-hidden="true" />
);

/** While something is fetched. */
export function Loading() {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      aria-busy="true"
      className="flex h-full min-h-40 items-center justify-center gap-2 text-sm text-quiet"
    >
      <Spinner /> {t('Loading…')}
    </div>
  );
}

/** When there is nothing yet: what it would be, and how to begin. */
export function Empty({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-2 px-6 py-14 text-center">
      <span className="mb-1 flex size-11 items-center justify-center rounded-full bg-wash text-accent">
        <Icon className="size-5" />
      </span>
      <h2 className="font-semibold">{title}</h2>
      <div className="text-sm text-quiet">{children}</div>
    </div>
  );
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What went wrong, beside what it concerns. */
export function ErrorLine({ error }: { error: unknown }) {
  if (error === undefined || error === null) return null;
  return (
    <p role="alert" className="flex items-start gap-2 rounded-control bg-danger-wash px-3 py-2 text-sm text-danger">
      <CircleAlert className="mt-0.5 size-4 shrink-0" /> <span>{messageOf(error)}</span>
    </p>
  );
}

/** When a page cannot be shown: forbidden, unreachable, or at fault. */
export function Failed({ error, retry }: { error: unknown; retry?(): void }) {
  const { t } = useTranslation();
  const forbidden = error instanceof ApiError && error.status === 403;
  const offline = error instanceof ApiError && error.status === 0;
  return (
    <Empty
      icon={forbidden ? Lock : CircleAlert}
      title={
        forbidden
          ? t('You may not see this')
          : offline
            ? t('The server cannot be reached')
            : t('This could not be loaded')
      }
    >
      <p role="alert">
        {forbidden ? t('An administrator of your organisation can give you the right.') : messageOf(error)}
      </p>
      {retry && !forbidden && (
        <Button className="mt-4" onClick={retry}>
          {t('Try again')}
        </Button>
      )}
    </Empty>
  );
}
