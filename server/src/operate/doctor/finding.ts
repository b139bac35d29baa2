export type Level = 'ok' | 'warn' | 'fail';

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, like `port` or `provider openai`. */
  check: string;
  level: Level;
  /** What was found, in a sentence. */
  message: string;
  /** What to do about it. */
  advice?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });
export const warn = (check: string, message: string, advice: string): Finding => ({
  check,
  level: 'warn',
  message,
  advice,
});
export const fail = (check: string, message: string, advice: string): Finding => ({
  check,
  level: 'fail',
  message,
  advice,
});

/** A sentence with a stop at its end, of whatever an error says; the database's own words stand in the cause. */
export function saidBy(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { message, code } = cause as NodeJS.ErrnoException;
  return stopped((message || code || String(cause)).split('\n')[0]!.trim());
}

/** An error of several lines, like those of a configuration, in one. */
export const inOneLine = (error: unknown): string => stopped((error as Error).message.replace(/\n\s*/g, ' ').trim());

const stopped = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
