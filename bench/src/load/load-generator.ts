/** The caller of every subject, as a process of its own: takes batches over the process channel, one at a time. */
import type { Batch } from './batch.ts';
import { runBatch } from './run-batch.ts';

process.on('message', async (batch: Batch) => {
  try {
    process.send?.({ result: await runBatch(batch) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
