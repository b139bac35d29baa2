import type { ReactNode } from 'react';
import { useBranding } from '../../api/branding.ts';
import { Wordmark } from '../../ui/wordmark.tsx';

/** The frame of every page that comes before logging in. */
export function AuthPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const { welcome } = useBranding();
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto px-5 py-[max(2rem,8vh)]">
      <div className="w-full max-w-sm">
        <Wordmark />
        {welcome && <p className="mt-2 text-sm text-quiet">{welcome}</p>}
        <h1 className="mt-8 text-xl font-semibold tracking-tight">{title}</h1>
        {lead && <p className="mt-1 text-sm text-quiet">{lead}</p>}
        <div className="mt-6">{children}</div>
      </div>
    </main>
  );
}
