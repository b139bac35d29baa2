import { type Finding, fail, ok, warn } from './finding.ts';

const noticeableMs = 2000;
const harmfulMs = 30_000;

/** Compares a service's clock with this machine's: limits, sessions and budgets are reckoned with both. */
export function compareClocks(
  check: string,
  noun: string,
  theirsMs: number,
  askedMs: number,
  answeredMs: number,
): Finding {
  // Between asking and answering nobody knows when it looked at its clock.
  const skewMs = theirsMs < askedMs ? askedMs - theirsMs : Math.max(0, theirsMs - answeredMs);
  const seconds = (skewMs / 1000).toFixed(1);
  const advice = 'Run a time service (chrony, systemd-timesyncd) on both machines.';
  if (skewMs > harmfulMs) return fail(check, `The clock of ${noun} is ${seconds} s away from this machine's.`, advice);
  if (skewMs > noticeableMs)
    return warn(check, `The clock of ${noun} is ${seconds} s away from this machine's.`, advice);
  return ok(check, `The clocks of ${noun} and this machine agree.`);
}
