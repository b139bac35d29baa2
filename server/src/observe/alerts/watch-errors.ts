import type { AlertsSection } from '../../config/alerts.ts';
import type { CallRow } from '../../ledger/call-row.ts';
import type { AlertCenter } from './alert-center.ts';

export interface WatchErrorsDeps {
  settings(): AlertsSection['errors'];
  center: Pick<AlertCenter, 'fire' | 'resolve' | 'isStanding'>;
  /** Which process this is, for whoever reads the alert. */
  instance: string;
  nowMs?: () => number;
}

interface Slot {
  startMs: number;
  calls: number;
  failed: number;
}

const slotsInWindow = 30;
const key = 'errors';

/** Looks at the share of calls that fail in a sliding window. It is over when the share is half of what began it, or nothing comes. */
export function watchErrors({ settings, center, instance, nowMs = Date.now }: WatchErrorsDeps) {
  let slots: Slot[] = [];

  function windowNow(): { calls: number; failed: number } {
    const oldest = nowMs() - settings().windowSeconds * 1000;
    if (slots.length > 0 && slots[0]!.startMs < oldest) slots = slots.filter(({ startMs }) => startMs >= oldest);
    let calls = 0;
    let failed = 0;
    for (const slot of slots) {
      calls += slot.calls;
      failed += slot.failed;
    }
    return { calls, failed };
  }

  return {
    /** Counts a call: an addition, for it stands on the way of every call. */
    count({ outcome }: Pick<CallRow, 'outcome'>): void {
      const now = nowMs();
      let slot = slots.at(-1);
      if (!slot || now - slot.startMs >= (settings().windowSeconds * 1000) / slotsInWindow) {
        slot = { startMs: now, calls: 0, failed: 0 };
        slots.push(slot);
        if (slots.length > slotsInWindow + 1) slots.shift();
      }
      slot.calls += 1;
      if (outcome === 'failed') slot.failed += 1;
    },
    look(): void {
      const { above, minRequests, windowSeconds } = settings();
      const { calls, failed } = windowNow();
      const share = calls === 0 ? 0 : failed / calls;
      if (calls >= minRequests && share > above) {
        const percent = Math.round(share * 1000) / 10;
        center.fire({
          key,
          kind: 'errors',
          severity: 'critical',
          title: `${percent} % of model calls fail`,
          text: `${failed} of ${calls} calls within ${windowSeconds} s ended in an error of the gateway or of a provider, at ${instance}. The log and the ledger say which.`,
          facts: { failed, calls, windowSeconds, instance },
        });
      } else if (share <= above / 2 && center.isStanding(key)) center.resolve(key);
    },
  };
}
