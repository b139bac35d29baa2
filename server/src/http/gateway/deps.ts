import type { CallContext } from '../../core/call.ts';
import type { CallAbort } from '../../core/call-abort.ts';
import type { CallTrace } from '../../core/call-trace.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import type { Watchdog } from '../../core/watchdog.ts';
import type { Dialect } from '../../core/wire-name.ts';
import type { Settlement } from '../../ledger/ledger.ts';
import type { Next } from '../../policy/pipeline.ts';
import type { Registry } from '../../router/registry.ts';
import type { ResponseStore } from '../../store/response-store.ts';
import type { InboundWire } from '../../wire/wire.ts';
import type { Idempotency } from './idempotency.ts';
import type { Identify } from './identify.ts';

export interface GatewayLimits {
  bodyBytes: number;
  totalMs: number;
  keepAliveMs: number;
  stalledReaderMs: number;
}

/** What the gateway's routes are given. */
export interface GatewayDeps {
  identify: Identify;
  /** The pipeline: every model call goes through it. */
  run: Next;
  idempotency: Pick<Idempotency, 'open'>;
  /** A request that never became a call (invalid JSON, wrong types) still leaves its row. */
  settle(settlement: Settlement): unknown;
  wires: Record<Dialect, InboundWire>;
  registry(): Registry;
  responses: ResponseStore;
  watchdog: Watchdog;
  /** The calls that run now, so that a stopping gateway can end them in words. */
  openCalls: Set<CallAbort>;
  limits(): GatewayLimits;
  newId(prefix: string): string;
  /** The trace of a call that comes with these headers; undefined while calls are not traced. */
  beginTrace?(headers: Headers): CallTrace | undefined;
  /** Called once for every request that begins. */
  onBegin(): void;
  /** Called once for every request that ended, with its status. */
  onEnd(event: CallEnd): void;
}

export interface CallEnd {
  requestId: string;
  dialect: Dialect;
  operation: string;
  status: number;
  context?: CallContext;
  error?: SluiceError;
  ms: number;
}
