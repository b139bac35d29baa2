import { createApp } from './app.ts';
import { readServeArguments } from './config/serve-arguments.ts';
import { readSettings } from './config/settings.ts';
import { greet, inviteOwner } from './greeting.ts';
import { serve } from './http/serve.ts';
import { adoptJournals } from './ledger/adopt-journals.ts';
import { joinSiblings } from './siblings.ts';

const partingMs = 2000;
const oneAskingMs = 500;
/** A process of a group takes what still comes for so long: callers with open connections learn to come back elsewhere. */
const groupLameDuckMs = 500;

try {
  const { process: number, greets } = readServeArguments(process.argv.slice(2));
  const alone = number === undefined;
  const journal = alone ? 'journal' : `journal-${number}`;
  const settings = { ...readSettings(process.env), journal, invites: alone || greets };
  if (alone) adoptJournals(settings.dataDir, journal);
  const siblings = alone ? undefined : joinSiblings();
  const app = await createApp(settings, siblings);
  // In a group others serve meanwhile: this one takes connections when it can do everything.
  if (!alone) await app.database;
  const { host, port } = settings;
  const { fetch, posts, upgrade } = app;
  const listener = serve({ host, port, fetch, posts, upgrade, reusePort: !alone });
  app.listening(listener);
  if (alone || greets) console.log(greet({ url: listener.url, adminKey: app.adminKey, setup: app.setup(), settings }));
  app.setupToken.then(
    (token) => token !== undefined && console.log(inviteOwner({ url: listener.url, token })),
    // Without a database: said below.
    () => {},
  );
  app.database.catch((error: Error) => {
    console.error(`The database could not be opened: ${error.message}`);
    void stop(1);
  });
  app.setup().catalog.warm();

  let stoppingMs: number | undefined;
  const stop = async (code: number) => {
    if (stoppingMs !== undefined) {
      // Asked twice: at once. Ctrl-C reaches this process and its parents, which pass it on: that is one asking.
      if (performance.now() - stoppingMs > oneAskingMs) process.exit(1);
      return;
    }
    stoppingMs = performance.now();
    app.drain();
    const lameDuckMs = Math.max(app.setup().config.limits.lameDuckMs, alone ? 0 : groupLameDuckMs);
    if (lameDuckMs > 0) {
      listener.part();
      await new Promise((resolve) => setTimeout(resolve, lameDuckMs));
    }
    // Running answers get time to end; then they are told, and what does not listen even then is cut.
    const { drainMs } = app.setup().config.limits;
    const over = Promise.withResolvers<void>();
    const cut = () => {
      void listener.stop(true);
      over.resolve();
    };
    const timers = [setTimeout(app.cutShort, drainMs), setTimeout(cut, drainMs + partingMs)];
    await listener.stop(false);
    await Promise.race([app.settled(), over.promise]);
    for (const timer of timers) clearTimeout(timer);
    await app.close();
    process.exit(code);
  };
  siblings?.serving({ onAlone: () => void stop(0) });
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));
  process.on('SIGHUP', () => app.reload());
  process.on('unhandledRejection', app.uncaught);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
