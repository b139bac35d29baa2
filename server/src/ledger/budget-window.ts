import type { BudgetWindow } from '../store/schema/money.ts';

/** A stretch of time that a budget holds for, in milliseconds since 1970; without an end it never turns over. */
export interface Span {
  startMs: number;
  endMs: number | undefined;
}

const dayMs = 86_400_000;
/** 1970 began on a Thursday: the first Monday was the fifth day. */
const firstMondayMs = 4 * dayMs;

/** The window that a moment falls into: a day, a week from Monday, or a month, all in UTC; `total` begins at `sinceMs`. */
export function windowAt(window: BudgetWindow, atMs: number, sinceMs: number): Span {
  switch (window) {
    case 'day': {
      const startMs = Math.floor(atMs / dayMs) * dayMs;
      return { startMs, endMs: startMs + dayMs };
    }
    case 'week': {
      const startMs = Math.floor((atMs - firstMondayMs) / (7 * dayMs)) * 7 * dayMs + firstMondayMs;
      return { startMs, endMs: startMs + 7 * dayMs };
    }
    case 'month': {
      const at = new Date(atMs);
      const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
      return { startMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
    }
    case 'total':
      return { startMs: sinceMs, endMs: undefined };
  }
}
