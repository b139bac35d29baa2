import { expect, test } from 'bun:test';
import { parseTicks, processorTimeBetween, readProcessorTime, readResidentBytes } from './process-usage.ts';

test('ticks are utime, stime and those of reaped children, whatever the process is called', () => {
  const stat = '4711 (a ) b (c) S 1 2 3 4 5 6 7 8 9 10 100 20 3 4 20 0 11 0 555 666 777';
  expect(parseTicks(stat)).toBe(127);
});

const onLinux = test.skipIf(process.platform !== 'linux');

// In a process of its own: that of the suite has children, servers of other tests, whose work would count too.
const timeItself = `
  import { processorTimeBetween, readProcessorTime } from './process-usage.ts';
  const before = readProcessorTime(process.pid);
  const cpuBefore = process.cpuUsage();
  let sum = 0;
  for (let round = 0; round < 3e7; round += 1) sum += Math.sqrt(round);
  const { user, system } = process.cpuUsage(cpuBefore);
  const measured = processorTimeBetween(before, readProcessorTime(process.pid));
  console.log(JSON.stringify({ sum, measured, expected: user + system }));
`;

onLinux('the time between two readings is the work of the process in between', async () => {
  const child = Bun.spawn([process.execPath, '-e', timeItself], { cwd: import.meta.dirname });
  const { sum, measured, expected } = await new Response(child.stdout).json();
  expect(sum).toBeGreaterThan(0);
  // The scheduler posts the time of a thread that is running at the next tick of its clock.
  expect(Math.abs(measured - expected)).toBeLessThan(25_000);
});

test('when a thread ended in between and took its time along, the ticks count', () => {
  const before = { scheduledUs: 1_000_000, tickedUs: 1_000_000 };
  expect(processorTimeBetween(before, { scheduledUs: 700_000, tickedUs: 1_500_000 })).toBe(500_000);
  expect(processorTimeBetween(before, { scheduledUs: 1_493_211, tickedUs: 1_500_000 })).toBe(493_211);
});

onLinux('a child process counts with its parent', async () => {
  const alone = readResidentBytes(process.pid);
  const child = Bun.spawn(['sleep', '60']);
  expect(readResidentBytes(child.pid)).toBeGreaterThan(0);
  expect(readResidentBytes(process.pid)).toBeGreaterThan(alone);
  child.kill();
  await child.exited;
});

onLinux('a process that is gone is an error, not a zero', async () => {
  const child = Bun.spawn(['true']);
  await child.exited;
  expect(() => readProcessorTime(child.pid)).toThrow('is gone');
  expect(() => readResidentBytes(child.pid)).toThrow('is gone');
});
