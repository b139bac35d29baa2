import { join } from 'node:path';
import { createCallLog } from './call-log.ts';
import { composeCache } from './compose-cache.ts';
import { composeChat } from './compose-chat.ts';
import { composeGuard } from './compose-guard.ts';
import { composeLearning } from './compose-learning.ts';
import { composeLimits } from './compose-limits.ts';
import { composeLogin } from './compose-login.ts';
import { composeMoney } from './compose-money.ts';
import { announced, composeReplicas } from './compose-replicas.ts';
import { composeRouting, composeStoredGroups } from './compose-routing.ts';
import { composeSecrets, openSecrets, referencesOf, refreshSecrets } from './compose-secrets.ts';
import { composeTenancy } from './compose-tenancy.ts';
import { composeTurns } from './compose-turns.ts';
import { ConfigError, loadConfigFile } from './config/load.ts';
import { isLoopback, type Settings } from './config/settings.ts';
import type { CallAbort } from './core/call-abort.ts';
import type { ModelInfo } from './core/model-info.ts';
import { newId } from './core/new-id.ts';
import { sleep } from './core/sleep.ts';
import { SluiceError } from './core/sluice-error.ts';
import { createWatchdog } from './core/watchdog.ts';
import { deadlinesOf } from './deadlines.ts';
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
import { createHealth } from './router/health.ts';
import { createSetup, type ReportedModels } from './setup.ts';
import type { Siblings } from './siblings.ts';
import { createAuditedChange } from './store/audit-store.ts';
import { createCallStore } from './store/call-store.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createIdempotencyStore } from './store/idempotency-store.ts';
import { createKeyOwnerStore } from './store/key-owner-store.ts';
import { createKeyStore } from './store/key-store.ts';
import { openRedis } from './store/redis.ts';
import { createResponseStore } from './store/response-store.ts';
import { watchConfig } from './watch-config.ts';
import { anthropicMessagesInbound, anthropicMessagesOutbound } from './wire/anthropic-messages/index.ts';
import { bedrockConverseOutbound } from './wire/bedrock-converse/index.ts';
import { geminiInbound, geminiOutbound } from './wire/gemini/index.ts';
import { openaiChatInbound, openaiChatOutbound } from './wire/openai-chat/index.ts';
import { openaiResponsesInbound, openaiResponsesOutbound } from './wire/openai-responses/index.ts';

const discoverEveryMs = 60_000;
const noteUseEveryMs = 5000;
const inboundWires = {
  'openai-chat': openaiChatInbound,
  'openai-responses': openaiResponsesInbound,
  'anthropic-messages': anthropicMessagesInbound,
  gemini: geminiInbound,
};

/** The composition root: the only file that knows everything. Resolves when it can serve; the database may still be opening. */
export async function createApp(settings: Settings, siblings?: Siblings) {
  const { dataDir, environment, configPath } = settings;
  const config = loadConfigFile(configPath, environment);
  const secrets = openSecrets(environment, {
    refreshMs: () => setup.config.secrets.refreshSeconds * 1000,
    onFault: (reference, error) =>
      logger.error({ err: error, reference }, 'a secret could not be read again; the last value stays'),
  });
  await secrets.load(referencesOf(config));
  const stored = composeStoredGroups(
    async () => (await database).sql,
    settings.databaseUrl === undefined || settings.redisUrl !== undefined,
    (error) => logger.error({ err: error }, 'the routing groups could not be read; the last ones hold'),
  );
  const setupOf = (read: typeof config, reported?: ReportedModels) =>
    createSetup(read, environment, reported, secrets.known, stored.current);
  let setup = setupOf(config);
  const logger = createLogger(settings.logLevel ?? setup.config.logging.level);
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
  database.then(stored.quietly).catch(() => {});
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
    peerOf: (request) => listener?.addressOf(request),
    trustedProxies: () => setup.config.trustedProxies,
  });
  const keyring = createKeyring({ store: keyStore, adminKey: adminKey.key, addressOf });
  const tenancy = composeTenancy({ sql, bus: replicas.bus, keyStore, keyring, audited });
  const owners = createKeyOwnerStore(sql);
  const keys = createKeyService({ store: keyStore, owners, keyring, audited });
  const watchdog = createWatchdog();
  const health = createHealth({ settings: () => setup.config.retries });
  const metrics = createMetrics({
    coolingCredentials: () => health.snapshot().coolingCredentials.length,
    openCircuits: () => health.snapshot().openCircuits.length,
  });
  const turns = composeTurns({ setup: () => setup, health, replicas: replicas.count });
  const replicaMetrics = observeReplicas(metrics.registry, {
    isDegraded: replicas.isDegraded,
    replicas: replicas.count,
    waiting: turns.waiting,
  });
  const ledger = openLedger({
    folder: join(dataDir, settings.journal ?? 'journal'),
    store: calls,
    priceFor: (model, usage, atMs) => setup.catalog.priceFor(model, usage, atMs),
    onRow(row, overheadMs) {
      metrics.settled(row, overheadMs);
      money.settle(row);
    },
    onRecovered: (row) => money.settle(row),
    onFault: (error) => logger.error({ err: error }, 'the ledger could not be written; it is tried again'),
  });
  const egress = createEgress();
  const fetchUrl = createGuardedFetch({
    allow: () => setup.config.egress.allow,
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
    setup: () => setup,
    egress,
    environment,
    logger,
  });

  const { router, quality, memberOrder, latencies, stepsOf, classifierOf, platform } = composeRouting({
    setup: () => setup,
    sql,
    stored,
    audited,
    bus: replicas.bus,
  });
  const callTarget = createCallTarget({
    provider: (id) => setup.providers.get(id),
    wires: {
      'openai-chat': openaiChatOutbound,
      'openai-responses': openaiResponsesOutbound,
      'anthropic-messages': anthropicMessagesOutbound,
      gemini: geminiOutbound,
      'bedrock-converse': bedrockConverseOutbound,
    },
    egress,
    watchdog,
    limits: () => deadlinesOf(setup),
    inlineMedia: (call, provider, abort) =>
      provider.quirks.imageUrls === false ? inlineMedia(call, provider, abort.signal) : Promise.resolve(call),
  });
  const dispatch = createDispatch({
    router,
    health,
    turns,
    ownCredentials: keeping.ownCredentials,
    callTarget,
    maxAttempts: () => setup.config.retries.attempts,
    sleep,
    onFirstFrame: ({ deployment }, call, ms) => latencies.note(deployment.id, call.stream, ms),
    onAttempt: (target, outcome) => {
      metrics.attempted(target.deployment.provider, outcome);
      if (outcome === 'upstream_credential' || outcome === 'quota_exhausted') {
        logger.error(
          { provider: target.deployment.provider, credential: target.credential, outcome },
          'a provider refused a credential; it is set aside',
        );
      }
    },
  });
  const promptLog = logPrompts({
    enabled: () => setup.config.logging.prompts,
    log: (line) => logger.info(line, 'prompt'),
  });
  /** What most parts of the gateway need. */
  const shared = {
    setup: () => setup,
    sql,
    isOpen: () => opened !== undefined,
    audited,
    replicas,
    redis,
    logger,
  };
  const limits = composeLimits({
    ...shared,
    metrics: replicaMetrics,
  });
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
  });
  const guard = composeGuard({
    ...shared,
    egress,
  });
  const learning = composeLearning({
    ...shared,
    run: () => run,
    watchdog,
    quality,
    classifierOf,
  });
  // Outermost first.
  const policies = [
    recordCall({ ledger }),
    authoriseCall({ ledger, groupOf: (model) => setup.registry.groupOf(model) }),
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
  ];
  const run = composePipeline(policies, dispatch);
  const chatting = composeChat({ ...shared, run, watchdog, feedback: learning.feedback });

  const login = composeLogin({
    settings: () => setup.config.auth,
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
    onFault: (error: SluiceError, requestId: string) =>
      logger.error(
        { requestId, error: error.code, message: error.message, err: error.cause },
        'platform request failed',
      ),
  };
  const logCall = createCallLog({ logger, metrics });
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
    registry: () => setup.registry,
    responses: createResponseStore(sql),
    watchdog,
    openCalls,
    limits: () => setup.config.limits,
    newId,
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
    providers: createProviderAdmin({ setup: () => setup, egress, onPulled: discoverModels }),
    metrics,
    metricsText: siblings?.metricsWith(metrics.registry) ?? (() => metrics.registry.metrics()),
    metricsNeedKey: !isLoopback(settings.host),
    exampleModel: () => exampleModel(setup),
    isReady: async () => accepting && opened !== undefined && (await opened.isUp()),
  });

  /** Asks local providers what they have, so that a model pulled a minute ago can be named. */
  async function discoverModels(): Promise<void> {
    const reported = new Map<string, ModelInfo[]>();
    await Promise.all(
      [...setup.providers.values()]
        .filter(({ local, kind }) => local && kind !== 'sandbox')
        .map(async (provider) => {
          const models = await provider.listModels(egress, AbortSignal.timeout(5000)).catch(() => []);
          reported.set(
            provider.id,
            models.map((model) => ({ ...model, provider: provider.id })),
          );
        }),
    );
    if (reported.size > 0) setup = setupOf(setup.config, reported);
  }

  /** Reads the configuration again; a faulty one is reported and the old one stays. */
  async function reload(): Promise<void> {
    try {
      const config = loadConfigFile(configPath, environment);
      await secrets.load(referencesOf(config));
      setup = setupOf(config);
      logger.info({ providers: [...setup.providers.keys()] }, 'configuration reloaded');
      void discoverModels();
    } catch (error) {
      logger.error(
        { err: error instanceof ConfigError ? error.message : error },
        'the new configuration is faulty; the old one stays',
      );
    }
  }

  const timers = [
    setInterval(() => void discoverModels(), discoverEveryMs),
    setInterval(() => void keyring.noteUse().catch(() => {}), noteUseEveryMs),
  ];
  for (const timer of timers) timer.unref?.();
  const unwatch = watchConfig(configPath, () => void reload());
  const stopRefreshing = refreshSecrets({
    secrets,
    config: () => setup.config,
    onChange() {
      setup = setupOf(setup.config);
      void discoverModels();
    },
  });
  void discoverModels();

  return {
    fetch: http.fetch,
    posts: gatewayPosts(gateway),
    adminKey,
    setupToken: login.setupToken,
    database,
    setup: () => setup,
    logger,
    reload,
    /** Tells who listens, so that a caller's address can be asked for. */
    listening(given: Pick<Listener, 'addressOf'>): void {
      listener = given;
    },
    /** Not ready any more; what runs goes on. */
    drain(): void {
      accepting = false;
    },
    /** Ends what still runs, each call with its dialect's own error. */
    cutShort(): void {
      const stopping = new SluiceError('unavailable', 'The gateway is stopping. Send the request again.', {
        retryAfterMs: 5000,
      });
      for (const abort of openCalls) abort.abort(stopping);
    },
    async close(): Promise<void> {
      accepting = false;
      for (const timer of timers) clearInterval(timer);
      unwatch();
      stopRefreshing();
      watchdog.close();
      cache.close();
      stored.close();
      idempotency.close();
      await keyring.noteUse().catch(() => {});
      login.close();
      await chatting.close();
      await learning.close();
      await ledger.close();
      await money.close();
      await limits.close();
      await replicas.close();
      await redis?.close();
      await database.then((ready) => ready.close()).catch(() => {});
      await new Promise<void>((written) => logger.flush(() => written()));
    },
  };
}

export type App = Awaited<ReturnType<typeof createApp>>;
