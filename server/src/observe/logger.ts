import pino, { type Logger as PinoLogger } from 'pino';

/** One line a call, at level info. Fields that are undefined are left out. */
export interface AccessLine {
  requestId: string;
  dialect: string;
  operation: string;
  status: number;
  ms: number;
  key?: string;
  model?: string;
  attempts?: number;
  error?: string;
  message?: string;
  traceId?: string;
}

/** Whoever else wants the lines. */
export interface LogTee {
  wanted(): boolean;
  take(line: string): void;
}

export interface Logger extends PinoLogger {
  /** Writes a call's line: the form is pino's own, made without its machinery, which costs as much as the rest of the call. */
  access(line: AccessLine): void;
  /** From now on every line goes there too, while it is wanted. */
  tee(to: LogTee): void;
}

/** pino's types know its destination with text alone. */
interface Destination {
  write(bytes: Buffer): boolean;
  flush(done?: (error?: Error) => void): void;
}

/**
 * JSON lines on standard error. What is logged is named field by field and never a header, a body or a setting, so that no
 * secret can be in it (pino's redaction by path would cost more than the rest of the line). Lines are written
 * asynchronously, at the latest after half a second, and flushed on exit.
 */
export function createLogger(level: string): Logger {
  const destination = pino.destination({
    fd: 2,
    sync: false,
    minLength: 4096,
    periodicFlush: 500,
    // It would encode text a second time to find out how much of it was written.
    contentMode: 'buffer',
  }) as unknown as Destination;
  let other: LogTee | undefined;
  const both = {
    write(line: string): void {
      destination.write(Buffer.from(line));
      if (other?.wanted()) other.take(line);
    },
  };
  const logger = pino({ level, base: undefined }, both);
  let lines = '';
  const flushLines = () => {
    if (lines === '') return;
    const text = lines;
    lines = '';
    destination.write(Buffer.from(text));
  };
  const timer = setInterval(flushLines, 250);
  timer.unref?.();
  const access = (line: AccessLine) => {
    const text = `{"level":30,"time":${Date.now()},${JSON.stringify(line).slice(1, -1)},"msg":"call"}\n`;
    lines += text;
    if (other?.wanted()) other.take(text);
    if (lines.length > 16_384) flushLines();
  };
  return Object.assign(logger, {
    access: logger.isLevelEnabled('info') ? access : () => {},
    flush(done?: (error?: Error) => void) {
      flushLines();
      destination.flush(done);
    },
    tee(to: LogTee): void {
      other = to;
    },
  });
}
