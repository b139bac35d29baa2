import { useBranding } from '../api/branding.ts';
import { cn } from './cn.ts';

/** The sign: streams that pass one gate. */
export const Mark = ({ className }: { className?: string }) => (
  <svg
    viewBox="0 0 24 24"
    aria-hidden="true"
    className={cn('size-6 fill-none stroke-accent stroke-2', className)}
    strokeLinecap="round"
  >
    <path d="M1.5 6C8 6 7 12 12 12M1.5 18C8 18 7 12 12 12h10.5" />
    <path d="M12 3v18" className="stroke-ink" strokeWidth="2.6" />
  </svg>
);

/** The owner's name and logo, or ours. */
export function Wordmark() {
  const { logo, shownName } = useBranding();
  return (
    <span className="flex min-w-0 items-center gap-2 text-[1.05rem] font-semibold tracking-tight">
      {logo === null ? (
        <Mark className="shrink-0" />
      ) : (
        <img src={logo} alt="" className="h-6 max-w-24 shrink-0 object-contain" />
      )}
      <span className="truncate">{shownName}</span>
    </span>
  );
}
