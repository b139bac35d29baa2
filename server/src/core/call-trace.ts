import { randomBytes } from 'node:crypto';
import type { AnswerFacts } from './call.ts';
import type { Target } from './target.ts';
import type { Usage } from './usage.ts';

/** Where a trace comes from, as the W3C header `traceparent` says it. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  sampled: boolean;
  /** The header `tracestate` as it came: passed on, never read. */
  state?: string;
}

/** To whom a trace goes on: nobody, models on the operator's own machines, or every provider. */
export type Propagation = 'none' | 'local' | 'all';

/** A part of a call; times are of the monotonic clock, milliseconds. Without an end it lasted until the call's. */
export interface TraceStep {
  spanId: string;
  name: string;
  startMs: number;
  endMs?: number;
}

/** One look for somebody who answers. */
export interface RouteStep extends TraceStep {
  reason?: string;
  candidates?: number;
  waitedMs?: number;
}

/** One try at one target, with what its own answer was; `error` is a code of the error table. */
export interface AttemptStep extends TraceStep {
  model: string;
  provider: string;
  upstream: string;
  error?: string;
  status?: number;
  firstFrameMs?: number;
  usage?: Usage;
  finish?: string;
}

/** What was said, as the provider saw it and answered it; kept only when the operator turned that on. */
export interface TraceContent {
  attempt?: string;
  input: string;
  output?: string;
}

/**
 * What a call does and when, written down while it happens: spans are made of it once the call is over. There is none while
 * tracing is off, and one that is not sampled only carries its ids.
 */
export class CallTrace {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: TraceParent | undefined;
  readonly steps: TraceStep[] = [];
  readonly routes: RouteStep[] = [];
  readonly attempts: AttemptStep[] = [];
  readonly contents: TraceContent[] = [];

  constructor(
    readonly sampled: boolean,
    readonly ids: { traceId: string; parent?: TraceParent },
    private readonly propagation: Propagation,
    /** Whether the call came over HTTP; others are the gateway's own. */
    readonly served: boolean,
  ) {
    this.traceId = ids.traceId;
    this.parent = ids.parent;
    this.spanId = newSpanId();
  }

  enter(name: string): TraceStep {
    const step: TraceStep = { spanId: newSpanId(), name, startMs: performance.now() };
    this.steps.push(step);
    return step;
  }

  route(): RouteStep {
    const step: RouteStep = { spanId: newSpanId(), name: 'route', startMs: performance.now() };
    this.routes.push(step);
    return step;
  }

  attempt({ deployment }: Target): AttemptStep {
    const { id: model, provider, upstream } = deployment;
    const spanId = newSpanId();
    const step: AttemptStep = { spanId, name: 'attempt', startMs: performance.now(), model, provider, upstream };
    this.attempts.push(step);
    return step;
  }

  /** The headers that tell a provider of this trace; undefined when it is not to know. The attempt that runs is the parent. */
  headersTo(local: boolean): Record<string, string> | undefined {
    if (this.propagation === 'none' || (this.propagation === 'local' && !local)) return undefined;
    const { traceId, sampled, parent } = this;
    const spanId = this.attempts.at(-1)?.spanId ?? this.spanId;
    const headers: Record<string, string> = { traceparent: `00-${traceId}-${spanId}-0${sampled ? 1 : 0}` };
    if (parent?.state !== undefined) headers.tracestate = parent.state;
    return headers;
  }
}

/** Closes an attempt with what is known of its answer by now. */
export function endAttempt(
  step: AttemptStep,
  { usage, finish, error }: Pick<AnswerFacts, 'usage' | 'finish' | 'error'>,
): void {
  step.endMs = performance.now();
  step.usage = usage;
  step.finish = finish;
  step.error ??= error?.code;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestState = 512;

/** Reads `traceparent` (https://www.w3.org/TR/trace-context/). Undefined for what is none: the trace then begins here. */
export function parseTraceParent(header: string | null, state: string | null = null): TraceParent | undefined {
  const match = header === null ? null : form.exec(header.trim());
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, rest] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  // Later versions may say more after what this one knows; this one may not.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return {
    traceId,
    spanId,
    sampled: (Number.parseInt(flags, 16) & 1) === 1,
    ...(state !== null && state.length <= longestState && { state }),
  };
}

export const newTraceId = (): string => randomHex(32);
const newSpanId = (): string => randomHex(16);

let pool = '';
let used = 0;

/** Bytes are asked of the system for many ids at once. */
function randomHex(digits: number): string {
  if (used + digits > pool.length) {
    pool = randomBytes(2048).toString('hex');
    used = 0;
  }
  used += digits;
  return pool.slice(used - digits, used);
}

const of56Bits = 2 ** 56;

/** Whether this trace is among the share that is kept: the same answer everywhere, from the id's last 56 bits. */
export const isSampled = (traceId: string, ratio: number): boolean =>
  ratio >= 1 || (ratio > 0 && Number.parseInt(traceId.slice(-14), 16) < ratio * of56Bits);
