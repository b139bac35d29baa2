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

export const Wordmark = () => (
  <span className="flex items-center gap-2 text-[1.05rem] font-semibold tracking-tight">
    <Mark /> Sluice
  </span>
);
