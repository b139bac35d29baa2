import {
  type AnswerMetadata,
  addChunk,
  type ChatChunk,
  type ChatPart,
  type MessageState,
  textOfParts,
} from '../../../shared/src/chat.ts';
import { type CallContext, type ChatCall, createAnswerFacts } from '../core/call.ts';
import { CallAbort } from '../core/call-abort.ts';
import type { Frames } from '../core/frame.ts';
import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { SluiceError, toSluiceError } from '../core/sluice-error.ts';
import type { Watchdog } from '../core/watchdog.ts';
import { metadataOf } from './answer-metadata.ts';
import type { GenerationLogs } from './generation-log.ts';
import { createChunker } from './to-chunks.ts';

export interface GenerationsDeps {
  /** The whole pipeline. */
  run(call: ChatCall, context: CallContext): Frames;
  watchdog: Watchdog;
  totalMs(): number;
  logs: GenerationLogs;
  /** Tells every replica that this answer shall end. */
  announceStop(id: string, organisationId: string): void;
  /** Keeps what there is of an answer; called about every second while it is made, and with its last state. */
  save(
    id: string,
    answer: { parts: ChatPart[]; words: string; state: MessageState; metadata: AnswerMetadata },
  ): Promise<void>;
  onFault(error: unknown): void;
}

export interface GenerationWish {
  /** The message's id. */
  id: string;
  call: ChatCall;
  principal: Principal;
  metadata: AnswerMetadata;
  threadId?: string;
  /** The answer is kept as a message. */
  kept: boolean;
}

/** An answer when it has ended. */
export interface Generated {
  parts: ChatPart[];
  state: MessageState;
  metadata: AnswerMetadata;
  error?: SluiceError;
}

const saveEveryMs = 1000;
const stopped = () => new SluiceError('client_closed', 'The answer was stopped.');

/**
 * Answers that belong to the server: they go on when nobody reads, are read from their beginning by whoever comes, and end when
 * somebody stops them.
 */
export function createGenerations(deps: GenerationsDeps) {
  const { run, watchdog, totalMs, logs, announceStop, save, onFault } = deps;
  const running = new Map<string, { abort: CallAbort; organisationId: string; ended: Promise<Generated> }>();
  async function settled(): Promise<void> {
    await Promise.allSettled([...running.values()].map(({ ended }) => ended));
  }
  function cutShort(): void {
    for (const { abort } of running.values())
      abort.abort(new SluiceError('unavailable', 'The gateway is stopping. Ask for the answer again.'));
  }

  async function produce(wish: GenerationWish, abort: CallAbort): Promise<Generated> {
    const { id, call, principal, threadId, kept } = wish;
    const log = logs.open(id);
    const parts: ChatPart[] = [];
    const open = new Map<string, ChatPart>();
    const chunker = createChunker();
    const facts = createAnswerFacts();
    const context: CallContext = {
      requestId: newId('req_'),
      abort,
      receivedAt: Date.now(),
      startedMs: performance.now(),
      principal,
      strict: false,
      tags: [...new Set([...(principal.tags ?? []), 'chat'])],
      threadId,
      facts,
    };
    const push = (chunk: ChatChunk) => {
      addChunk(parts, open, chunk);
      log.push(JSON.stringify(chunk));
    };
    const answer = (state: MessageState, metadata: AnswerMetadata) => ({
      parts,
      words: textOfParts(parts),
      state,
      metadata,
    });
    let saving: Promise<void> | undefined;
    const timer = setInterval(() => {
      if (!kept || saving) return;
      saving = save(id, answer('generating', wish.metadata))
        .catch(onFault)
        .finally(() => {
          saving = undefined;
        });
    }, saveEveryMs);
    const limitMs = totalMs();
    const watch = watchdog.watch(limitMs, () =>
      abort.abort(new SluiceError('upstream_timeout', `The answer took longer than ${Math.round(limitMs / 1000)} s.`)),
    );
    let error: SluiceError | undefined;
    push({ type: 'start', messageId: id, messageMetadata: { ...wish.metadata, requestId: context.requestId } });
    try {
      for await (const frame of run(call, context)) {
        for (const event of frame.events()) {
          if (event.type === 'error') throw event.error;
          for (const chunk of chunker.chunks(event)) push(chunk);
        }
      }
    } catch (thrown) {
      error = toSluiceError(thrown);
      if (error.status >= 500) onFault(error);
    } finally {
      watch.stop();
      clearInterval(timer);
    }
    for (const chunk of chunker.close()) push(chunk);
    const wasStopped = error?.code === 'client_closed';
    const state: MessageState = error ? (wasStopped ? 'stopped' : 'failed') : 'done';
    const metadata = metadataOf(wish.metadata, context, wasStopped ? undefined : error);
    await saving;
    // What a reload finds must be there before readers are told that it is over.
    if (kept) await save(id, answer(state, metadata)).catch(onFault);
    if (wasStopped) push({ type: 'abort' });
    if (error && !wasStopped) push({ type: 'error', errorText: error.message });
    push({ type: 'finish', messageMetadata: metadata });
    await log.end();
    return { parts, state, metadata, ...(error && { error }) };
  }

  return {
    /** Begins an answer; it goes on whether or not anybody reads. */
    start(wish: GenerationWish): Promise<Generated> {
      const abort = new CallAbort();
      const ended = produce(wish, abort).finally(() => running.delete(wish.id));
      ended.catch(onFault);
      running.set(wish.id, { abort, organisationId: wish.principal.organisationId, ended });
      return ended;
    },
    /** The chunks of an answer from its first one on, each as JSON; undefined when it is long over. */
    read: (id: string, signal: AbortSignal, begun?: boolean) => logs.read(id, signal, begun),
    /** Ends an answer wherever it is made. The caller has made sure that the actor may. */
    stop(id: string, organisationId: string): void {
      running.get(id)?.abort.abort(stopped());
      announceStop(id, organisationId);
    },
    /** Told by another replica. */
    stopHere(id: string): void {
      running.get(id)?.abort.abort(stopped());
    },
    /** Waits until what runs has ended by itself and is written down. */
    settled,
    /** Ends what runs. */
    cutShort,
    /** Ends what runs, and waits until it is written down. */
    async close(): Promise<void> {
      cutShort();
      await settled();
    },
  };
}

export type Generations = ReturnType<typeof createGenerations>;
