import type { ReactNode } from 'react';

/** What a page is called, what it is for, and what can be made there. */
export function PageHead({ title, lead, children }: { title: string; lead?: string; children?: ReactNode }) {
  return (
    <div className="mb-5 flex flex-wrap items-start gap-3">
      <div className="min-w-0 flex-1 basis-64">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {lead && <p className="mt-0.5 max-w-prose text-sm text-quiet">{lead}</p>}
      </div>
      {children}
    </div>
  );
}
