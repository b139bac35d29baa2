import type { JsonObject } from '../../src/core/json.ts';
import type { Recording } from '../replayer/recording.ts';
import type { Replayer } from '../replayer/replayer.ts';

/** Whether the long forms of these tests are wanted: `SLUICE_LONG=1`. */
export const isLong = process.env.SLUICE_LONG === '1';

/** What one answer of `cent` comes to: 20 tokens in at $50 and 100 out at $90 per million. */
export const centNanos = 10_000_000;
export const centTokens = 120;
const usage = { prompt_tokens: 20, completion_tokens: 100, total_tokens: centTokens };
const chunk = (fields: JsonObject) =>
  JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'cent', ...fields });

/** An answer that costs a cent, whole and streamed. */
export const cent: Recording = {
  name: 'cent',
  wire: 'openai-chat',
  body: new TextEncoder().encode(
    JSON.stringify({
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'cent',
      choices: [{ index: 0, message: { role: 'assistant', content: 'A pool.' }, finish_reason: 'stop' }],
      usage,
    }),
  ),
  events: [
    chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'A ' } }] }),
    chunk({ choices: [{ index: 0, delta: { content: 'pool.' } }] }),
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    chunk({ choices: [], usage }),
  ],
};

/** A configuration with the model `up/cent` at the replayer, `up/small` at a tenth of its price and `up/unpriced`. */
export const centConfig = (upstream: Pick<Replayer, 'url'>, more: JsonObject = {}): JsonObject => ({
  discovery: false,
  providers: {
    up: {
      kind: 'openai-compatible',
      baseUrl: `${upstream.url}/v1`,
      apiKey: 'test',
      // Its address is this machine's; what has no price there would cost nothing.
      options: { local: false },
    },
  },
  models: [
    { id: 'up/cent', price: { input: 50, output: 90 } },
    { id: 'up/small', price: { input: 0.5, output: 0.9 } },
    { id: 'up/unpriced' },
  ],
  groups: { either: { models: ['up/cent', 'up/small'] }, priced: { models: ['up/unpriced', 'up/small'] } },
  ...more,
});

/** A chat request whose worst case at `up/cent` is its price to the nano: 10 tokens of input are taken twice. */
export const askCent = (over: JsonObject = {}): JsonObject => ({
  model: 'up/cent',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'What is a tide pool?' }],
  ...over,
});

/** What the replayer's log says was spent: every answer that it gave whole. */
export const spentUpstream = ({ requests }: Pick<Replayer, 'requests'>): number =>
  requests.filter(({ answered }) => answered).length * centNanos;

export interface ShownBudget {
  id: string;
  name: string;
  limit: string;
  spent: string | null;
  held: string | null;
  left: string | null;
  resetsAt: string | null;
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

const json = { 'content-type': 'application/json' };

/** The platform's money routes, by whoever asks. */
export function moneyRoutes(ask: Ask) {
  async function send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await ask(path, {
      method,
      headers: json,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Answer & { detail?: string };
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.detail}`);
    return answer;
  }
  return {
    send,
    budget: (wish: JsonObject) =>
      send<ShownBudget>('POST', '/api/v1/budgets', { name: 'a budget', scope: 'organisation', ...wish }),
    standing: (id: string) => send<ShownBudget>('GET', `/api/v1/budgets/${id}`),
    remove: (id: string) => send('DELETE', `/api/v1/budgets/${id}`),
    stats: (query = '') => send<{ costUsd: string; requests: number }>('GET', `/api/v1/stats${query}`),
  };
}
