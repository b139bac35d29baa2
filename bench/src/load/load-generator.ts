/**
 * The caller of every subject, as a process of its own: takes batches over the process channel, one at a time.
 * `{ stop: true }` ends the batch that runs, once the answers that are under way are there.
 */
import type { Batch } from './batch.ts';
import { runBatch } from './run-batch.ts';

let running = new AbortController();

process.on('message', async (message: Batch | { stop: true }) => {
  if ('stop' in message) return running.abort();
  running = new AbortController();
  try {
    process.send?.({ result: await runBatch(message, running.signal) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
