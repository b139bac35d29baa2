/** US dollars for people: cents from a dollar on, three significant digits below, never an exponent. Null is unknown. */
export function formatMoney(usd: string | number | null): string {
  if (usd === null) return 'unpriced';
  const amount = Number(usd);
  if (!Number.isFinite(amount)) return 'unpriced';
  const sign = amount < 0 ? '-' : '';
  const size = Math.abs(amount);
  if (size === 0) return '$0';
  if (size >= 1)
    return `${sign}$${size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `${sign}$${trimmed(size.toFixed(significantDecimals(size)), 2)}`;
}

/** A list price in US dollars per million tokens, e.g. `0.05`, `15`; `?` when unknown. */
export function formatPrice(usdPerMillion: number | undefined): string {
  if (usdPerMillion === undefined) return '?';
  if (usdPerMillion === 0) return '0';
  const decimals = usdPerMillion >= 1 ? 2 : significantDecimals(usdPerMillion);
  const text = trimmed(usdPerMillion.toFixed(decimals), 0);
  return text.includes('.') ? trimmed(usdPerMillion.toFixed(decimals), 2) : text;
}

// The ledger counts nano-dollars: nine decimals hold all there is.
const significantDecimals = (size: number): number => Math.min(9, Math.max(2, 2 - Math.floor(Math.log10(size))));

/** Without the zeros at the end, but with `least` decimals. */
function trimmed(text: string, least: number): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(least, '0');
  return kept === '' ? whole : `${whole}.${kept}`;
}

const units = ['', 'k', 'M', 'B', 'T'];

/** A count in at most five columns: `950`, `1.2k`, `33k`, `1M`. */
export function formatCount(count: number): string {
  let size = count;
  let unit = 0;
  while (unit < units.length - 1 && Math.round(size) >= 1000) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 10 ? Math.round(size) : trimmed(size.toFixed(1), 0)}${units[unit]}`;
}

/** A duration: `8 ms`, `1.2 s`, `2 min 5 s`; `-` when unknown. */
export function formatDuration(milliseconds: number | null): string {
  if (milliseconds === null) return '-';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${trimmed((milliseconds / 1000).toFixed(1), 1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
