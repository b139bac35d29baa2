import pino, { type Logger } from 'pino';

/**
 * JSON lines on standard error. Secrets are never given to it; the paths below are a second guard for objects that may
 * carry headers. Lines are written asynchronously and flushed on exit.
 */
export function createLogger(level: string): Logger {
  const redact = ['*.authorization', '*.apiKey', '*["x-api-key"]', '*["x-goog-api-key"]', 'headers.authorization', '*.secret'];
  return pino({ level, base: undefined, redact }, pino.destination({ fd: 2, sync: false, minLength: 4096 }));
}

export type { Logger };
