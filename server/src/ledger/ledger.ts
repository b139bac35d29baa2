import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CallContext, ModelCall } from '../core/call.ts';
import { withGuardTags } from '../core/guard-note.ts';
import { describeLosses } from '../core/loss.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { costNanos, type ListPrice } from '../core/money.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { addUsage, noUsage, type Usage, wholeTokens } from '../core/usage.ts';
import type { CallStore } from '../store/call-store.ts';
import { takeLock } from '../store/process-lock.ts';
import type { CallRow } from './call-row.ts';
import { interruptedRow, type OpenedCall } from './interrupted-row.ts';
import { openJournal } from './journal.ts';

export type Outcome = 'ok' | 'aborted' | 'failed' | 'rejected';

export interface LedgerDeps {
  folder: string;
  store: CallStore;
  /** The price that holds for this model and usage now. */
  priceFor(model: ModelInfo, usage: Usage, atMs: number): ListPrice | undefined;
  /** `overheadMs` is the part of the time to the first frame that was not spent waiting for providers. */
  onRow?(row: CallRow, overheadMs: number | undefined, context: CallContext): void;
  /** Told of every row that an earlier process did not bring into the database, before it goes there. */
  onRecovered?(row: CallRow): void;
  onFault?(error: unknown): void;
  nowMs?: () => number;
}

export interface Settlement {
  call: Pick<ModelCall, 'operation' | 'dialect' | 'model' | 'stream'>;
  context: CallContext;
  error?: SluiceError;
}

/** Who used what and what it cost: exactly one row a request. */
export function openLedger(deps: LedgerDeps) {
  const { folder, store, priceFor, onRow, onRecovered, onFault, nowMs = () => performance.now() } = deps;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Two processes on one journal would flush and delete each other's rows.
  const unlock = takeLock(
    join(folder, 'lock'),
    'Stop it, or choose another SLUICE_DATA_DIR: every replica needs its own.',
  );
  const journal = openJournal({
    folder,
    store: (rows) => store.insertJson(rows),
    onFault,
    ...(onRecovered && {
      async onRecovered(texts) {
        const rows = texts.map((text) => JSON.parse(text) as CallRow);
        const there = await store.among(rows.map(({ requestId }) => requestId));
        for (const row of rows) if (!there.has(row.requestId)) onRecovered(row);
      },
    }),
  });

  return {
    /** Settles a call: prices it, sets `facts.costNanos`, and journals its row. */
    settle({ call, context, error }: Settlement): CallRow {
      const { facts } = context;
      const { modelInfo: model, baseline } = facts;
      const costOf = (info: ModelInfo | undefined, used: Usage): number | null =>
        info ? costNanos(used, priceFor(info, used, context.receivedAt)) : null;
      const own = wholeTokens(facts.usage ?? noUsage);
      let usage = own;
      let cost = facts.usage ? costOf(model, own) : 0;
      // One unpriced answer makes the call unpriced.
      for (const { modelInfo, usage: used = noUsage } of facts.discarded) {
        const before = wholeTokens(used);
        const more = costOf(modelInfo, before);
        usage = addUsage(before, usage);
        cost = cost === null || more === null ? null : cost + more;
      }
      // The baseline would have been asked once.
      const baselineCost = baseline && cost !== null ? costOf(baseline, { ...own, reportedCostUsd: undefined }) : null;
      facts.costNanos = cost;
      const baselineNanos = withSaved(baselineCost ?? cost, facts.cache?.savedNanos);
      facts.savedNanos = cost === null || baselineNanos === null ? null : baselineNanos - cost;
      const row: CallRow = {
        requestId: context.requestId,
        kind: 'call',
        at: context.receivedAt,
        keyId: context.principal.keyId,
        keyName: context.principal.keyName,
        organisationId: context.principal.organisationId,
        teamId: context.principal.teamId,
        userId: context.principal.userId,
        agentId: context.agentId,
        operation: call.operation,
        dialect: call.dialect,
        stream: call.stream,
        modelAsked: call.model,
        modelUsed: facts.model,
        provider: facts.provider,
        wire: facts.wire,
        input: usage.input,
        cacheRead: usage.cacheRead,
        cacheWrite: usage.cacheWrite,
        cacheWrite1h: usage.cacheWrite1h,
        audioInput: usage.audioInput,
        output: usage.output,
        reasoning: usage.reasoning,
        audioOutput: usage.audioOutput,
        estimated: usage.estimated === true,
        costNanos: cost,
        baselineNanos,
        latencyMs: round(nowMs() - context.startedMs),
        firstTokenMs: facts.firstFrameMs === undefined ? undefined : round(facts.firstFrameMs),
        route: facts.route,
        attempts: facts.attempts,
        losses: facts.losses.length > 0 ? describeLosses(facts.losses) : undefined,
        tags: withGuardTags(context.tags, facts.guard),
        finish: facts.finish,
        cache: facts.cache?.state ?? 'none',
        cacheSavedNanos: facts.cache?.savedNanos ?? undefined,
        outcome: outcomeOf(error),
        status: error?.status ?? 200,
        errorCode: error?.code,
        errorMessage: error?.message.slice(0, 1000),
        upstreamRequestId: facts.upstreamRequestId,
      };
      journal.append(row);
      const { firstFrameMs, upstreamMs } = facts;
      onRow?.(
        row,
        firstFrameMs === undefined || upstreamMs === undefined ? undefined : firstFrameMs - upstreamMs,
        context,
      );
      return row;
    },
    /**
     * Notes that a call begins which must not vanish if the process does: unless it is settled, the next start makes a row of
     * it. Throws `unavailable` when that cannot be written down.
     */
    open(opened: OpenedCall): void {
      if (journal.open(interruptedRow(opened))) return;
      throw new SluiceError(
        'unavailable',
        'The ledger cannot be written (is the disk full?), so calls that cost money are refused.',
        { retryAfterMs: 5000 },
      );
    },
    /** False while rows cannot be written: calls that cost money are refused then. */
    isWritable: () => journal.isWritable(),
    flush: () => journal.flush(),
    async close(): Promise<void> {
      await journal.close();
      unlock();
    },
  };
}

export type Ledger = ReturnType<typeof openLedger>;

function outcomeOf(error: SluiceError | undefined): Outcome {
  if (!error) return 'ok';
  if (error.code === 'client_closed') return 'aborted';
  return error.status < 500 && error.code !== 'upstream_rate_limited' ? 'rejected' : 'failed';
}

/** What came from a cache would have cost this on the model that gave it. */
const withSaved = (nanos: number | null, saved: number | null | undefined): number | null =>
  nanos === null ? null : nanos + (saved ?? 0);

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
