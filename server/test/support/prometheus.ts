import { spawnSync } from 'node:child_process';

/** What a program says, and whether it was content; undefined when it is not installed. */
export function runTool(program: string, ...args: string[]): { ok: boolean; said: string } | undefined {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return error ? undefined : { ok: status === 0, said: `${stdout}${stderr}` };
}

const isThere = (program: string): boolean => runTool(program, '--version') !== undefined;

export const hasPromtool = isThere('promtool');
export const hasAmtool = isThere('amtool');
if (!hasPromtool)
  console.log(
    'Skipped: Prometheus on its rules and on queries of dashboards. Install promtool (apt-get install prometheus) to run them.',
  );
if (!hasAmtool)
  console.log(
    'Skipped: Alertmanager on its example. Install amtool (apt-get install prometheus-alertmanager) to run it.',
  );
