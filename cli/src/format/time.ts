import { UsageError } from '../cli-error.ts';

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const dayMs = 86_400_000;

export interface TimeReading {
  /** For messages: `--from`. */
  option: string;
  nowMs: number;
  /** What `30d` means: that long ago, or that long from now. */
  direction: 'ago' | 'ahead';
  /** What a date without a time means: its first moment, or its last (the next midnight). */
  edge: 'start' | 'end';
}

/** A date (`2026-12-31`, in UTC), a time (ISO 8601) or a distance (`90m`, `12h`, `30d`, `2w`) as ISO 8601. Throws UsageError. */
export function readTime(text: string, { option, nowMs, direction, edge }: TimeReading): string {
  const [, amount, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    const distanceMs = Number(amount) * unitMs[unit]!;
    return new Date(nowMs + (direction === 'ago' ? -distanceMs : distanceMs)).toISOString();
  }
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(text);
  const timeMs = isDate || isTime ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  // February 31 becomes a day of March in some runtimes.
  const exists =
    !Number.isNaN(timeMs) && new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(text.slice(8, 10));
  if (!exists)
    throw new UsageError(
      `\`${option} ${text}\` is not a date.`,
      'Say 2026-12-31, 2026-12-31T18:00Z, or a distance such as 12h, 30d, 2w.',
    );
  return new Date(isDate && edge === 'end' ? timeMs + dayMs : timeMs).toISOString();
}

/** `2026-12-31 18:00 UTC`. */
export const formatTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** How long a time is away from now, in one unit: `4 min`, `30 d`. */
export function formatDistance(iso: string, nowMs: number): string {
  const minutes = Math.abs(Date.parse(iso) - nowMs) / 60_000;
  if (minutes < 1) return '<1 min';
  if (minutes < 59.5) return `${Math.round(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 60 / 24)} d`;
}
