import { readFileSync } from 'node:fs';

/** Whether subjects and load can be kept on processors of their own here. */
export function canPin(): boolean {
  return Bun.which('taskset') !== null && allowedProcessors().length > 1;
}

/** The command words that keep a process apart: subjects on the first processor, the mock and the load on the second. */
export function pinned(role: 'subject' | 'load'): string[] {
  return canPin() ? ['taskset', '-c', String(allowedProcessors()[role === 'subject' ? 0 : 1])] : [];
}

/** The processors in a list as the kernel writes it: `0-1,4` is 0, 1 and 4. */
export function parseProcessorList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index);
  });
}

function allowedProcessors(): number[] {
  if (process.platform !== 'linux') return [];
  const status = readFileSync('/proc/self/status', 'utf8');
  return parseProcessorList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0');
}
