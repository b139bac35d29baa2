import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { dialects } from '../../src/core/wire-name.ts';
import { endsWell } from '../gateway/dialect-errors.ts';
import { startWorld, type World } from '../gateway/world.ts';
import { recording } from '../replayer/recording.ts';
import { readSse } from '../sse-reader.ts';
import { databaseTimeoutMs } from '../support/databases.ts';

// The machine's clock is set while calls run. Deadlines go by a clock that nobody can set.

setDefaultTimeout(databaseTimeoutMs);
let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: { keepAliveMs: 100 } });
}, databaseTimeoutMs);
afterAll(() => world?.stop());

const trueNow = Date.now;
const hourMs = 3_600_000;

for (const [name, jumpMs] of [
  ['forward', 26 * hourMs],
  ['back', -26 * hourMs],
] as const) {
  test(`set ${name} by a day while streams run, every stream ends well, and new calls are answered`, async () => {
    world.reset();
    for (const [wire, replayer] of Object.entries(world.upstream))
      replayer.reply(recording(`${wire}/text`), { holdAfter: 2 });
    const streams = await Promise.all(
      dialects.map(async (dialect) => {
        const response = await world.gateway.chat(dialect, { model: world.model(dialect), stream: true });
        return { dialect, response, reader: readSse(response) };
      }),
    );
    for (const { reader } of streams) await reader.take(1);
    try {
      Date.now = () => trueNow() + jumpMs;
      // Long enough for every deadline that would believe the clock.
      await new Promise((resolve) => setTimeout(resolve, 400));
      for (const replayer of Object.values(world.upstream)) replayer.release();
      for (const { dialect, reader } of streams) {
        await reader.rest();
        expect({ dialect, well: endsWell(dialect, reader.text) }).toEqual({ dialect, well: true });
      }
      for (const [wire, replayer] of Object.entries(world.upstream)) replayer.reply(recording(`${wire}/text`));
      for (const dialect of dialects)
        expect((await world.gateway.chat(dialect, { model: world.model(dialect) })).status).toBe(200);
    } finally {
      Date.now = trueNow;
    }
    for (const { response } of streams) expect(await world.gateway.rowsOf(response)).toMatchObject([{ outcome: 'ok' }]);
  });
}
