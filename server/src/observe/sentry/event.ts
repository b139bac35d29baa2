import { scrub } from './scrub.ts';

export interface ErrorPlace {
  /** What was being done, e.g. `gateway` or `platform`. */
  where: string;
  requestId?: string;
  traceId?: string;
}

export interface EventFacts {
  release: string;
  environment?: string;
  instance: string;
  /** Texts that must not leave. */
  secrets: Iterable<string>;
}

interface Frame {
  function?: string;
  filename: string;
  lineno: number;
  colno: number;
  in_app: boolean;
}

const mostCauses = 4;
const mostFrames = 50;

/** An error as Sentry's event (https://develop.sentry.dev/sdk/foundations/transport/event-payloads/): types, places and scrubbed messages, nothing of a request. */
export function eventOf(error: unknown, place: ErrorPlace, facts: EventFacts, id: string, atMs: number) {
  const values: object[] = [];
  for (let each = error; each !== undefined && each !== null && values.length < mostCauses; each = causeOf(each)) {
    const { name, message, stack } = wordsOf(each);
    const frames = framesOf(stack);
    values.push({
      type: name,
      value: scrub(message, facts.secrets),
      ...(frames.length > 0 && { stacktrace: { frames } }),
    });
  }
  return {
    event_id: id,
    timestamp: atMs / 1000,
    platform: 'node',
    level: 'error',
    logger: place.where,
    release: `sluice@${facts.release}`,
    ...(facts.environment !== undefined && { environment: facts.environment }),
    server_name: facts.instance,
    tags: { where: place.where, ...(place.requestId !== undefined && { request_id: place.requestId }) },
    ...(place.traceId !== undefined && {
      contexts: { trace: { trace_id: place.traceId, span_id: place.traceId.slice(0, 16) } },
    }),
    // The cause of all comes first.
    exception: { values: values.reverse() },
  };
}

const causeOf = (thrown: unknown): unknown => (thrown instanceof Error ? thrown.cause : undefined);

function wordsOf(thrown: unknown): { name: string; message: string; stack: string } {
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message, stack: thrown.stack ?? '' };
  return {
    name: typeof thrown,
    message: typeof thrown === 'string' ? thrown : 'Something that is no error was thrown.',
    stack: '',
  };
}

/** Oldest call first, as Sentry wants them; paths without what lies above the program. */
function framesOf(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const [, name, path, line, column] of stack.matchAll(
    /^\s*at (?:(?:async )?(.*?) \()?(?:file:\/\/)?([^()\n]+):(\d+):(\d+)\)?$/gm,
  )) {
    const filename = path!.replace(/^.*?\/(?=(?:server|shared|node_modules)\/)/, '').replace(/^\/.*\//, '');
    frames.push({
      ...(name && { function: name }),
      filename,
      lineno: Number(line),
      colno: Number(column),
      in_app: !filename.includes('node_modules') && !filename.startsWith('node:'),
    });
  }
  return frames.slice(0, mostFrames).reverse();
}
