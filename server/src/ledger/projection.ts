import { type Span, windowAt } from './budget-window.ts';

/** What was spent on one day of UTC, `YYYY-MM-DD`. */
export interface DaySpend {
  day: string;
  nanos: number;
}

export interface Projection {
  span: Span & { endMs: number };
  soFarNanos: number;
  /** As if the rest of the window went on as it did on average so far. */
  linearNanos: number;
  /** As if each remaining hour cost what hours of its weekday cost in the four weeks before; null when nothing is known of them. */
  weekdayNanos: number | null;
}

const dayMs = 86_400_000;
const weeksBack = 4;

/** How far back the days must reach that a projection is made of. */
export const historyStartMs = (window: 'day' | 'week' | 'month', nowMs: number): number =>
  Math.min(windowAt(window, nowMs, 0).startMs, Math.floor(nowMs / dayMs) * dayMs - weeksBack * 7 * dayMs);

/** What a window will have cost at its end, from what was spent day by day up to now. */
export function project(window: 'day' | 'week' | 'month', days: readonly DaySpend[], nowMs: number): Projection {
  const { startMs, endMs } = windowAt(window, nowMs, 0) as Span & { endMs: number };
  const today = Math.floor(nowMs / dayMs) * dayMs;
  const spentOn = new Map(days.map(({ day, nanos }) => [Date.parse(day), nanos]));
  let soFarNanos = 0;
  for (let day = startMs; day <= today; day += dayMs) soFarNanos += spentOn.get(day) ?? 0;
  const elapsedMs = Math.max(nowMs - startMs, 1);
  return {
    span: { startMs, endMs },
    soFarNanos,
    linearNanos: Math.round((soFarNanos / elapsedMs) * (endMs - startMs)),
    weekdayNanos: byWeekday(),
  };

  function byWeekday(): number | null {
    const firstDay = [...spentOn.keys()].filter((day) => day < today).sort((a, b) => a - b)[0];
    if (firstDay === undefined) return null;
    /** A weekday's average over the last weeks; days before the first call say nothing. */
    const usual = (day: number): number | undefined => {
      let sum = 0;
      let count = 0;
      for (let before = today - dayMs; before >= Math.max(firstDay, today - weeksBack * 7 * dayMs); before -= dayMs) {
        if (new Date(before).getUTCDay() !== new Date(day).getUTCDay()) continue;
        sum += spentOn.get(before) ?? 0;
        count += 1;
      }
      return count === 0 ? undefined : sum / count;
    };
    const known = [...spentOn].filter(([day]) => day < today).map(([, nanos]) => nanos);
    const average = known.reduce((sum, nanos) => sum + nanos, 0) / Math.max(1, (today - firstDay) / dayMs);
    let rest = 0;
    for (let day = today; day < endMs; day += dayMs) {
      const share = day === today ? (today + dayMs - nowMs) / dayMs : 1;
      rest += share * (usual(day) ?? average);
    }
    return Math.round(soFarNanos + rest);
  }
}
