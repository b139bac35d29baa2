import { createApp } from './app.ts';
import { readSettings } from './config/settings.ts';
import { greet, inviteOwner } from './greeting.ts';
import { serve } from './http/serve.ts';

const partingMs = 2000;
const oneAskingMs = 500;

try {
  const settings = readSettings(process.env);
  const app = await createApp(settings);
  const listener = serve({
    host: settings.host,
    port: settings.port,
    fetch: app.fetch,
    posts: app.posts,
    upgrade: app.upgrade,
  });
  app.listening(listener);
  console.log(greet({ url: listener.url, adminKey: app.adminKey, setup: app.setup(), settings }));
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
    // Running answers get time to end; then they are told, and what does not listen even then is cut.
    const { drainMs } = app.setup().config.limits;
    const timers = [setTimeout(app.cutShort, drainMs), setTimeout(() => void listener.stop(true), drainMs + partingMs)];
    await listener.stop(false);
    for (const timer of timers) clearTimeout(timer);
    await app.close();
    process.exit(code);
  };
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));
  process.on('SIGHUP', () => app.reload());
  process.on('unhandledRejection', app.uncaught);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
