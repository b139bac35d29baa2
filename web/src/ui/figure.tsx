import { cn } from './cn.ts';

/** One figure with its name. */
export function Figure({ name, value, note, good }: { name: string; value: string; note?: string; good?: boolean }) {
  return (
    <div className="rounded-card border border-line bg-raised px-4 py-3">
      <p className="text-xs text-quiet">{name}</p>
      <p className={cn('mt-0.5 text-xl font-semibold tracking-tight tabular-nums', good && 'text-good')}>{value}</p>
      {note && <p className="mt-0.5 truncate text-xs text-quiet">{note}</p>}
    </div>
  );
}
