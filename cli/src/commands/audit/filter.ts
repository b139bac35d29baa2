import type { OptionSpecs, OptionValues } from '../../command.ts';
import { readTime } from '../../format/time.ts';

/** The options that choose rows of the audit. */
export const filterOptions = {
  actor: { type: 'string', value: 'who', summary: 'The id or name of who did it' },
  action: { type: 'string', value: 'action', summary: 'The beginning of an action, like `key.` or login.failed' },
  target: { type: 'string', value: 'what', summary: 'The id or kind of what it was done to' },
  from: {
    type: 'string',
    value: 'when',
    summary: 'The first day (2026-12-01, UTC), a time, or how long ago (12h, 7d)',
  },
  to: { type: 'string', value: 'when', summary: 'The last day, a time, or how long ago' },
} as const satisfies OptionSpecs;

/** The query that these options come to. Throws UsageError. */
export function readFilter({ from, to, ...rest }: OptionValues<typeof filterOptions>) {
  const reading = { nowMs: Date.now(), direction: 'ago' } as const;
  return {
    actor: rest.actor,
    action: rest.action,
    target: rest.target,
    ...(from !== undefined && { from: readTime(from, { ...reading, option: '--from', edge: 'start' }) }),
    ...(to !== undefined && { to: readTime(to, { ...reading, option: '--to', edge: 'end' }) }),
  };
}
