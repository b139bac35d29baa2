import { defineCommand } from '../../command.ts';
import { counted, wrap } from '../../format/text.ts';
import { runOperation } from '../../operation.ts';
import type { Output } from '../../output.ts';

interface Finding {
  check: string;
  level: 'ok' | 'warn' | 'fail';
  message: string;
  advice?: string;
}

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Look at everything an installation needs; exit code 1 when something fails',
  details: [
    'Looks at versions, the port, the data folder and its keys, disk, configuration, database, Redis, clocks, providers and what',
    'lets strangers in, and says what to do. It is run where the server is, with its environment; the server may run or not.',
  ].join('\n'),
  examples: ['sluice doctor', 'sluice doctor --json'],
  async run({ output, environment }) {
    const findings = await runOperation<Finding[]>('doctor', {}, environment);
    output.print(findings, () => render(findings, output));
    return findings.some(({ level }) => level === 'fail') ? 1 : 0;
  },
});

function render(findings: readonly Finding[], { colours, width }: Output): string {
  const colour = { ok: colours.green, warn: colours.yellow, fail: colours.red };
  const left = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(left + 8);
  const lines = findings.map(({ check, level, message, advice }) => {
    const text = advice === undefined ? message : `${message}\n${advice}`;
    const wrapped = wrap(text, Math.max(40, width - indent.length))
      .split('\n')
      .join(`\n${indent}`);
    return `${colour[level](level.padEnd(4))}  ${check.padEnd(left)}  ${wrapped}`;
  });
  const count = (level: Finding['level']) => findings.filter((each) => each.level === level).length;
  const [failed, warned] = [count('fail'), count('warn')];
  const end = `${counted(failed, 'failure')}, ${counted(warned, 'warning')}.`;
  return [...lines, '', failed > 0 ? colours.bold(end) : end].join('\n');
}
