import { join } from 'node:path';
import { createCallLog } from './call-log.ts';
import { composeAlerts } from './compose-alerts.ts';
import { composeCache } from './compose-cache.ts';
import { composeChat } from './compose-chat.ts';
import { composeGatewaySettings } from './compose-gateway-settings.ts';
import { composeGuard } from './compose-guard.ts';
import { composeHealth } from './compose-health.ts';
import { composeLearning } from './compose-learning.ts';
import { composeLimits } from './compose-limits.ts';
import { composeLive } from './compose-live.ts';
import { composeLogin } from './compose-login.ts';
import { composeMoney } from './compose-money.ts';
import { announced, composeReplicas } from './compose-replicas.ts';
import { composeRouting } from './compose-routing.ts';
import { composeSecrets } from './compose-secrets.ts';
import { openSetup } from './compose-setup.ts';
import { composeTelemetry } from './compose-telemetry.ts';
import { composeTenancy } from './compose-tenancy.ts';
import { composeTurns } from './compose-turns.ts';
import { deadlinesOf } from './config/deadlines.ts';
import { isLoopback, type Settings } from './config/settings.ts';
import type { CallAbort } from './core/call-abort.ts';
import { ownDatabase } from './core/fresh.ts';
import { newId } from './core/new-id.ts';
import { sleep } from './core/sleep.ts';
import { SluiceError } from './core/sluice-error.ts';
import { createWatchdog } from './core/watchdog.ts';
import { createEgress } from './egress/client.ts';
import { createGuardedFetch } from './egress/guarded-fetch.ts';
import { createInlineMedia } from './egress/inline-media.ts';
import { exampleModel } from './greeting.ts';
import { createHttpApp } from './http/app.ts';
import { createCallerAddress } from './http/caller-address.ts';
import type { GatewayDeps } from './http/gateway/deps.ts';
import { createIdempotency } from './http/gateway/idempotency.ts';
import { createIdentify } from './http/gateway/identify.ts';
import { gatewayPosts } from './http/gateway/routes.ts';
import type { Listener } from './http/serve.ts';
import { openAdminKey } from './identity/admin-key.ts';
import { createKeyService } from './identity/key-service.ts';
import { createKeyring } from './identity/keys.ts';
import { openMasterKey } from './identity/master-key.ts';
import { openLedger } from './ledger/ledger.ts';
import { createLogger } from './observe/logger.ts';
import { createMetrics } from './observe/metrics.ts';
import { observeReplicas } from './observe/replica-metrics.ts';
import { authoriseCall } from './policy/authorise.ts';
import { cascade } from './policy/cascade/cascade.ts';
import { deliberate } from './policy/deliberate/deliberate.ts';
import { logPrompts } from './policy/log-prompts.ts';
import { composePipeline } from './policy/pipeline.ts';
import { recordCall } from './policy/record-call.ts';
import { createProviderAdmin } from './provider-admin.ts';
import { createCallTarget } from './providers/call-target.ts';
import { createDispatch } from './router/dispatch.ts';
import type { Siblings } from './siblings.ts';
import { createAuditedChange } from './store/audit-store.ts';
import { createCallStore } from './store/call-store.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createIdempotencyStore } from './store/idempotency-store.ts';
import { createKeyOwnerStore } from './store/key-owner-store.ts';
import { createKeyStore } from './store/key-store.ts';
import { openRedis } from './store/redis.ts';
import { createResponseStore } from './store/response-store.ts';
import { inboundWires, outboundWires } from './wires.ts';

const noteUseEveryMs = 5000;

/** The composition root: the only file that knows everything. Resolves when it can serve; the database may still be opening. */
export async function createApp(settings: Settings, siblings?: Siblings) {
  const { dataDir, environment, configPath } = settings;
  const alone = settings.databaseUrl === undefined || settings.redisUrl !== undefined;
  const setups = await openSetup({
    environment,
    configPath,
    alone,
    sql: async () => (await database).sql,
    master: () => masterKey,
    egress: () => egress,
    logger: () => logger,
  });
  const { setup, secrets } = setups;
  const logger = createLogger(settings.logLevel ?? setup().config.logging.level);
  const adminKey = openAdminKey(dataDir, settings.adminKey);
  const masterKey = openMasterKey(dataDir, settings.masterKey);

  let listener: Pick<Listener, 'addressOf'> | undefined;

  // The first start of the embedded database takes seconds; nothing that the hot path needs waits for it.
  let opened: Database | undefined;
  const onAway = () => logger.error('PostgreSQL does not answer; it is not asked until it does');
  const database = openDatabase({ url: settings.databaseUrl, dataDir, onAway }).then((ready) => {
    opened = ready;
    return ready;
  });
  database.then(setups.opened).catch(() => {});
  const sql = async () => (await database).sql;

  /** Shared with the other replicas, when there are any. */
  const redis = settings.redisUrl
    ? openRedis(settings.redisUrl, { onFault: (error) => logger.error({ err: error }, 'Redis is away') })
    : undefined;
  const replicas = composeReplicas({
    redis,
    onFault: (error) => logger.error({ err: error }, 'the other replicas could not be told'),
  });
  const audited = announced(createAuditedChange(sql), replicas.bus);
  const keyStore = createKeyStore(sql);
  const calls = createCallStore(sql);
  const addressOf = createCallerAddress({
    peerOf: (request) => live.standInAddress(request) ?? listener?.addressOf(request),
    trustedProxies: () => setup().config.trustedProxies,
  });
  const keyring = createKeyring({ store: keyStore, adminKey: adminKey.key, addressOf });
  const tenancy = composeTenancy({ sql, bus: replicas.bus, keyStore, keyring, audited });
  const owners = createKeyOwnerStore(sql);
  const keys = createKeyService({ store: keyStore, owners, keyring, audited });
  const watchdog = createWatchdog();
  const health = composeHealth({ settings: () => setup().config.retries, redis });
  const metrics = createMetrics({
    coolingCredentials: () => health.snapshot().coolingCredentials.length,
    openCircuits: () => health.snapshot().openCircuits.length,
  });
  const turns = composeTurns({ setup, health, replicas: replicas.count });
  const replicaMetrics = observeReplicas(metrics.registry, {
    isDegraded: replicas.isDegraded,
    replicas: replicas.count,
    waiting: turns.waiting,
  });
  const ledger = openLedger({
    folder: join(dataDir, settings.journal ?? 'journal'),
    store: calls,
    priceFor: (model, usage, atMs) => setup().catalog.priceFor(model, usage, atMs),
    onRow(row, overheadMs, context) {
      metrics.settled(row, overheadMs);
      money.settle(row);
      live.count(row);
      telemetry.ended(row, context);
      alerts.settled(row);
    },
    onRecovered: (row) => money.settle(row),
    onFault: (error) => logger.error({ err: error }, 'the ledger could not be written; it is tried again'),
  });
  const egress = createEgress();
  const telemetry = composeTelemetry({ setup, environment, egress, logger, registry: metrics.registry });
  const alerts = composeAlerts({ setup, redis, egress, logger, onGone: telemetry.gone });
  const fetchUrl = createGuardedFetch({
    allow: () => setup().config.egress.allow,
    maxBytes: 20 * 1024 * 1024,
    timeoutMs: 20_000,
  });
  const inlineMedia = createInlineMedia({ fetchUrl });

  const keeping = composeSecrets({
    sql,
    isOpen: () => opened !== undefined,
    master: masterKey,
    audited,
    secrets,
    setup,
    egress,
    environment,
    logger,
  });

  const { router, quality, memberOrder, latencies, stepsOf, classifierOf, platform } = composeRouting({
    setup,
    sql,
    stored: setups.groups,
    audited,
    bus: replicas.bus,
  });
  const callTarget = createCallTarget({
    provider: (id) => setup().providers.get(id),
    wires: outboundWires,
    egress,
    watchdog,
    limits: () => deadlinesOf(setup().config.limits),
    inlineMedia: (call, provider, abort) =>
      provider.quirks.imageUrls === false ? inlineMedia(call, provider, abort.signal) : Promise.resolve(call),
  });
  const dispatch = createDispatch({
    router,
    health,
    turns,
    ownCredentials: keeping.ownCredentials,
    callTarget,
    maxAttempts: () => setup().config.retries.attempts,
    sleep,
    onFirstFrame: ({ deployment }, call, ms) => latencies.note(deployment.id, call.stream, ms),
    onAttempt: (target, outcome) => {
      metrics.attempted(target.deployment.provider, outcome);
      alerts.attempted(target.deployment.provider, outcome);
      if (outcome === 'upstream_credential' || outcome === 'quota_exhausted') {
        logger.error(
          { provider: target.deployment.provider, credential: target.credential, outcome },
          'a provider refused a credential; it is set aside',
        );
      }
    },
  });
  const promptLog = logPrompts({
    enabled: () => setup().config.logging.prompts,
    log: (line) => logger.info(line, 'prompt'),
  });
  /** What most parts of the gateway need. */
  const shared = {
    fresh: settings.databaseUrl === undefined ? ownDatabase : {},
    setup,
    sql,
    isOpen: () => opened !== undefined,
    audited,
    replicas,
    redis,
    logger,
  };
  const limits = composeLimits({ ...shared, metrics: replicaMetrics });
  const cache = composeCache({
    ...shared,
    run: () => run,
    watchdog,
    onFault: (error) => logger.error({ err: error }, 'the settings of the caches could not be read'),
  });
  const money = composeMoney({
    ...shared,
    calls,
    wires: inboundWires,
    ledger: () => ledger,
    router: () => router,
    memberOrder,
    latencies,
    stepsOf,
    metrics,
    onReached: alerts.budget,
  });
  const guard = composeGuard({ ...shared, egress });
  const learning = composeLearning({
    ...shared,
    run: () => run,
    watchdog,
    quality,
    classifierOf,
  });
  // Outermost first.
  const policies = [
    telemetry.outermost,
    recordCall({ ledger }),
    authoriseCall({ ledger, groupOf: (model) => setup().registry.groupOf(model) }),
    limits.policy,
    promptLog,
    guard.input,
    cache.policy,
    learning.classify,
    learning.policy,
    money.policy,
    guard.output,
    deliberate(),
    cascade({ stepsOf }),
    telemetry.innermost,
  ];
  const run = composePipeline(policies, dispatch);
  const chatting = composeChat({ ...shared, run, watchdog, feedback: learning.feedback });

  const login = composeLogin({
    settings: () => setup().config.auth,
    sql,
    dataDir,
    invites: settings.invites ?? true,
    masterKey,
    principals: tenancy.principals,
    invitations: tenancy.services.invitations,
    grants: tenancy.grants,
    audited,
    bus: replicas.bus,
    redis,
    addressOf,
    fetch: egress,
    onFault: (message, error) => logger.error({ err: error }, message),
  });
  const identify = createIdentify({ keyring, tokens: login.tokens, sessions: login.sessions });
  const access = {
    identify,
    newId,
    onFault: (error: SluiceError, requestId: string) => {
      logger.error(
        { requestId, error: error.code, message: error.message, err: error.cause },
        'platform request failed',
      );
      if (error.code === 'internal') telemetry.unexpected(error.cause, { where: 'platform', requestId });
    },
  };
  const live = composeLive({
    redis,
    bus: replicas.bus,
    access,
    originOf: login.sessions.originOf,
    addressOf,
    inFlight: metrics.inFlight,
  });
  const logCall = createCallLog({ logger, metrics, onUnexpected: telemetry.unexpected });
  let accepting = true;
  const openCalls = new Set<CallAbort>();
  const idempotency = createIdempotency({
    store: createIdempotencyStore(sql),
    onFault: (error) => logger.error({ err: error }, 'an idempotent answer could not be kept'),
  });
  const gateway: GatewayDeps = {
    identify,
    run,
    settle: ledger.settle,
    idempotency,
    wires: inboundWires,
    registry: () => setup().registry,
    responses: createResponseStore(sql),
    watchdog,
    openCalls,
    limits: () => setup().config.limits,
    newId,
    beginTrace: telemetry.begin,
    onBegin: metrics.begun,
    onEnd: (end) => {
      metrics.ended();
      logCall(end);
    },
  };
  const http = createHttpApp({
    gateway,
    access,
    keys,
    tenancy: { ...tenancy.services, invitations: login.invitations },
    login,
    limits: limits.service,
    routing: { ...platform, learning: learning.service },
    guardrails: guard.platform,
    secrets: keeping.services,
    cache: { caches: cache.caches, ledger },
    money: money.services,
    usage: { calls, ledger, feedback: learning.feedback },
    chatting: chatting.routes,
    live: live.routes,
    gatewaySettings: composeGatewaySettings({
      sql,
      audited,
      bus: replicas.bus,
      master: masterKey,
      stored: setups.stored,
      setup,
      started: {
        database: settings.databaseUrl === undefined ? 'embedded' : 'postgresql',
        redis: redis !== undefined,
        configFile: configPath,
      },
    }),
    providers: createProviderAdmin({ setup, egress, onPulled: setups.discover }),
    metrics,
    metricsText: siblings?.metricsWith(metrics.registry) ?? (() => metrics.registry.metrics()),
    metricsNeedKey: !isLoopback(settings.host),
    exampleModel: () => exampleModel(setup()),
    isReady: async () => accepting && setups.stored.isRead() && opened !== undefined && (await opened.isUp()),
  });

  const timers = [setInterval(() => void keyring.noteUse().catch(() => {}), noteUseEveryMs)];
  for (const timer of timers) timer.unref?.();
  setups.start();

  return {
    fetch: http.fetch,
    posts: gatewayPosts(gateway),
    upgrade: live.upgrade,
    adminKey,
    setupToken: login.setupToken,
    database,
    setup,
    logger,
    /** An error that nobody caught. */
    uncaught(error: unknown): void {
      logger.error({ err: error }, 'unhandled rejection');
      telemetry.unexpected(error, { where: 'process' });
    },
    reload: setups.reload,
    /** Tells who listens, so that a caller's address can be asked for. */
    listening(given: Pick<Listener, 'addressOf'>): void {
      listener = given;
    },
    /** Not ready any more; what runs goes on. */
    drain(): void {
      accepting = false;
    },
    /** Waits for the answers that belong to the server: no request need be open for them. */
    settled: chatting.settled,
    /** Ends what still runs, each call with its dialect's own error. */
    cutShort(): void {
      const stopping = new SluiceError('unavailable', 'The gateway is stopping. Send the request again.', {
        retryAfterMs: 5000,
      });
      for (const abort of openCalls) abort.abort(stopping);
      chatting.cutShort();
    },
    async close(): Promise<void> {
      accepting = false;
      for (const timer of timers) clearInterval(timer);
      setups.close();
      live.close();
      watchdog.close();
      cache.close();
      idempotency.close();
      await keyring.noteUse().catch(() => {});
      login.close();
      await chatting.close();
      await learning.close();
      await ledger.close();
      await money.close();
      await limits.close();
      await alerts.close();
      await telemetry.close();
      await replicas.close();
      await redis?.close();
      await database.then((ready) => ready.close()).catch(() => {});
      await new Promise<void>((written) => logger.flush(() => written()));
    },
  };
}

export type App = Awaited<ReturnType<typeof createApp>>;
