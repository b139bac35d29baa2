/** US dollars as people read them: more digits the smaller it is, and never a misleading zero. */
export function usd(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const amount = Number(value);
  if (amount === 0) return '$0';
  const size = Math.abs(amount);
  const digits = size >= 100 ? 0 : size >= 1 ? 2 : size >= 0.01 ? 3 : size >= 0.0001 ? 5 : 7;
  return `${amount < 0 ? '−' : ''}$${size.toLocaleString(undefined, { minimumFractionDigits: size >= 1 && size < 100 ? 2 : 0, maximumFractionDigits: digits })}`;
}

/** Milliseconds as people read them. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** 128000 as 128K. */
export const short = (value: number | undefined): string =>
  value === undefined
    ? '–'
    : new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 }).format(value);

export const bytes = (size: number): string =>
  size < 1024
    ? `${size} B`
    : size < 1_048_576
      ? `${(size / 1024).toFixed(0)} KB`
      : `${(size / 1_048_576).toFixed(1)} MB`;

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** How long ago (or in how long), in the language of the page. */
export function ago(iso: string, language: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  for (const [unit, size] of units)
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  return format.format(0, 'second');
}

export const when = (iso: string, language: string): string =>
  new Date(iso).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
