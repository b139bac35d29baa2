import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { dialects } from '../../src/core/wire-name.ts';
import { startWorld, type World } from '../gateway/world.ts';
import { longer } from '../replayer/faults.ts';
import { recording } from '../replayer/recording.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { chatBody, pathOf } from '../test-gateway.ts';
import { bytesOnTheWay } from './tcp-queues.ts';

// What the gateway holds of a stream whose caller does not read: what left the provider and is in no socket's queue.

setDefaultTimeout(databaseTimeoutMs);
/** The run-time's own client reads ahead before it pauses a provider: 0.3 to 2 MB were seen. */
const mostHeldBytes = 4 * 1024 * 1024;

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, databaseTimeoutMs);
afterAll(() => world?.stop());

for (const dialect of dialects) {
  test.skipIf(process.platform !== 'linux')(
    `of a stream that nobody reads no more than 4 MiB are held, and not more with time, in ${dialect}`,
    async () => {
      world.reset();
      const replayer = world.upstream[dialect];
      const at = { 'openai-chat': 2, 'openai-responses': 6, 'anthropic-messages': 4, gemini: 1 }[dialect];
      replayer.reply(longer(recording(`${dialect}/text`), at, 40, 4096), { endless: true });
      const model = world.model(dialect);
      const body = JSON.stringify(chatBody(dialect, model, true));
      const port = Number(new URL(world.gateway.url).port);
      const request = `POST ${pathOf(dialect, model, true)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${world.gateway.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      // A process that opens a connection, asks, and never reads: a paused socket of ours may have read some already.
      const caller = spawn('bash', [
        '-c',
        `exec 3<>/dev/tcp/127.0.0.1/${port}; printf %s "$1" >&3; exec sleep 600`,
        'caller',
        request,
      ]);
      try {
        const written = await replayer.full;
        const onTheWay = bytesOnTheWay(replayer.port) + bytesOnTheWay(port);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(replayer.requests[0]!.bytesWritten).toBe(written);
        expect(written - onTheWay).toBeLessThanOrEqual(mostHeldBytes);
        console.log(`${dialect}: ${written} bytes left the provider, ${Math.max(0, written - onTheWay)} are held`);
      } finally {
        caller.kill('SIGKILL');
      }
      expect((await replayer.closed).answered).toBe(false);
    },
  );
}
