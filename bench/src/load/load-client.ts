import { startOwnService } from '../subjects/own-service.ts';
import type { Batch, BatchResult } from './batch.ts';

export type LoadClient = Awaited<ReturnType<typeof startLoadClient>>;

/** Starts a load generator; `run` sends it one batch and rejects with the reason when an answer was wrong. */
export async function startLoadClient(logDirectory: string) {
  const service = await startOwnService({ script: 'load/load-generator.ts', role: 'load', logDirectory });
  return {
    child: service.child,
    async run(batch: Batch): Promise<BatchResult> {
      service.child.send(batch);
      const reply = (await service.receive()) as { result: BatchResult } | { error: string };
      if ('error' in reply) throw new Error(reply.error);
      return reply.result;
    },
    /** The batch that runs asks nothing more; its `run` resolves with what was answered. */
    stop() {
      service.child.send({ stop: true });
    },
  };
}
