import { type AnswerFacts, type ChatCall, createAnswerFacts } from '../core/call.ts';
import { CallAbort } from '../core/call-abort.ts';
import { type ChatAnswer, collectAnswer } from '../core/chat-answer.ts';
import type { Frame } from '../core/frame.ts';
import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Watchdog } from '../core/watchdog.ts';
import type { Next } from './pipeline.ts';

export interface BackgroundCallDeps {
  /** The whole pipeline: such a call is limited, charged and written down like any other. */
  run(): Next;
  watchdog: Watchdog;
}

export interface BackgroundAnswer {
  answer: ChatAnswer;
  facts: AnswerFacts;
}

/** Makes a call of the gateway's own, which nobody waits for. */
export function createBackgroundCall({ run, watchdog }: BackgroundCallDeps) {
  const running = new Set<CallAbort>();

  async function ask(
    call: ChatCall,
    principal: Principal,
    { tags, withinMs }: { tags: string[]; withinMs: number },
  ): Promise<BackgroundAnswer> {
    const abort = new CallAbort();
    running.add(abort);
    const watch = watchdog.watch(withinMs, () =>
      abort.abort(new SluiceError('upstream_timeout', `The call took longer than ${withinMs} ms.`)),
    );
    const facts = createAnswerFacts();
    try {
      const frames: Frame[] = [];
      const context = { requestId: newId('req_'), abort, receivedAt: Date.now(), startedMs: performance.now() };
      for await (const frame of run()(call, { ...context, principal, strict: false, tags, facts })) frames.push(frame);
      return { answer: collectAnswer(frames.flatMap((frame) => frame.events())), facts };
    } finally {
      running.delete(abort);
      watch.stop();
    }
  }

  return {
    ask,
    /** Gives up what runs. */
    close(): void {
      for (const abort of running) abort.abort(new SluiceError('unavailable', 'The gateway is stopping.'));
    },
  };
}

export type BackgroundCall = ReturnType<typeof createBackgroundCall>['ask'];
