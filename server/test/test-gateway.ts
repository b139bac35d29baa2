import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../src/app.ts';
import type { Attempt } from '../src/core/call.ts';
import type { JsonObject } from '../src/core/json.ts';
import type { Dialect } from '../src/core/wire-name.ts';
import { serve } from '../src/http/serve.ts';
import { createKey } from '../src/identity/key-format.ts';
import type { Sql } from '../src/store/database.ts';
import { giveEmbeddedDatabase } from './support/embedded-template.ts';

/** A row of the ledger as `GET /api/v1/calls` gives it. */
export interface LedgerRow {
  requestId: string;
  operation: string;
  dialect: Dialect;
  stream: boolean;
  modelAsked: string;
  modelUsed: string | null;
  provider: string | null;
  wire: string | null;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  estimated: boolean;
  costUsd: string | null;
  attempts: Attempt[];
  losses: string | null;
  finish: string | null;
  outcome: 'ok' | 'aborted' | 'failed' | 'rejected';
  status: number;
  errorCode: string | null;
}

export interface ChatWish {
  model: string;
  stream?: boolean;
  /** Fields of the dialect's own body, over the usual ones. */
  body?: JsonObject;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface TestGateway {
  url: string;
  key: string;
  /** What makes the first person; empty when there is somebody. */
  setupToken: string;
  /** Its database, for what no route makes. */
  sql(): Promise<Sql>;
  /** A request with the operator's key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A chat request in a dialect, with a short user message unless the wish says otherwise. */
  chat(dialect: Dialect, wish: ChatWish): Promise<Response>;
  /** The calls of this gateway, oldest first. */
  ledger(): Promise<LedgerRow[]>;
  /** The calls after the first `count`, once there are more. Rejects when none comes. */
  ledgerAfter(count: number): Promise<LedgerRow[]>;
  /** The rows of one request, once there is one. Rejects when none comes. */
  rowsOf(answer: Response | string): Promise<LedgerRow[]>;
  stop(): Promise<void>;
}

/**
 * The real application in this process, on a free port, with a data folder of its own that goes when it stops. `config` is
 * what stands in `sluice.yaml`. Rows are kept in PostgreSQL at `DATABASE_URL` when it is set, else in the embedded one.
 */
export async function testGateway({
  config,
  databaseUrl = process.env.DATABASE_URL,
  environment = {},
}: {
  config: JsonObject;
  databaseUrl?: string;
  /** What the server finds in its environment. */
  environment?: Record<string, string>;
}): Promise<TestGateway> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const configPath = join(dataDir, 'sluice.yaml');
  if (!databaseUrl) giveEmbeddedDatabase(dataDir);
  writeFileSync(configPath, JSON.stringify({ discovery: false, ...config }));
  const key = createKey();
  const startedAt = new Date();
  const app = await createApp({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    configPath,
    adminKey: key,
    databaseUrl,
    logLevel: 'silent',
    environment,
  });
  const listener = serve({ host: '127.0.0.1', port: 0, fetch: app.fetch, posts: app.posts, upgrade: app.upgrade });
  app.listening(listener);
  // The embedded database takes seconds to open at first; a test that measures time should not.
  await app.database;

  const send = (path: string, init: RequestInit = {}) =>
    fetch(listener.url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });

  async function calls(): Promise<LedgerRow[]> {
    const response = await send(`/api/v1/calls?limit=1000&from=${startedAt.toISOString()}`);
    if (!response.ok) throw new Error(`The ledger answers with ${response.status}: ${await response.text()}`);
    const { data } = (await response.json()) as { data: LedgerRow[] };
    return data.reverse();
  }

  // A stream's row is written when its end has been noticed, which may be a moment after we saw it.
  async function waitFor(what: string, choose: (rows: LedgerRow[]) => LedgerRow[]): Promise<LedgerRow[]> {
    for (let tries = 0; tries < 200; tries++) {
      const rows = choose(await calls());
      if (rows.length > 0) return rows;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`The ledger has no row of ${what}.`);
  }

  return {
    url: listener.url,
    key,
    setupToken: (await app.setupToken) ?? '',
    sql: async () => (await app.database).sql,
    fetch: send,
    chat(dialect, { model, stream = false, body, headers, signal }) {
      return send(pathOf(dialect, model, stream), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ ...chatBody(dialect, model, stream), ...body }),
        signal,
      });
    },
    ledger: calls,
    ledgerAfter: (count) => waitFor('a further call', (rows) => rows.slice(count)),
    rowsOf(answer) {
      const requestId = typeof answer === 'string' ? answer : answer.headers.get('x-sluice-request-id');
      return waitFor(String(requestId), (rows) => rows.filter((row) => row.requestId === requestId));
    },
    async stop() {
      await listener.stop(true);
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function pathOf(dialect: Dialect, model: string, stream: boolean): string {
  switch (dialect) {
    case 'openai-chat':
      return '/v1/chat/completions';
    case 'openai-responses':
      return '/v1/responses';
    case 'anthropic-messages':
      return '/v1/messages';
    case 'gemini':
      return `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
  }
}

export function chatBody(dialect: Dialect, model: string, stream: boolean): JsonObject {
  const content = 'What is a tide pool?';
  switch (dialect) {
    case 'openai-chat':
      return { model, stream, messages: [{ role: 'user', content }] };
    case 'openai-responses':
      return { model, stream, input: content };
    case 'anthropic-messages':
      return { model, stream, max_tokens: 1000, messages: [{ role: 'user', content }] };
    case 'gemini':
      return { contents: [{ role: 'user', parts: [{ text: content }] }] };
  }
}
