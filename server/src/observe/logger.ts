import pino, { type Logger } from 'pino';

/**
 * JSON lines on standard error. What is logged is named field by field and never a header, a body or a setting, so that no
 * secret can be in it (pino's redaction by path would cost more than the rest of the line). Lines are written
 * asynchronously and flushed on exit.
 */
export function createLogger(level: string): Logger {
  return pino({ level, base: undefined }, pino.destination({ fd: 2, sync: false, minLength: 4096 }));
}

export type { Logger };
