import { errorOf, notSluice, unreachable } from './api-error.ts';
import type { Connection } from './connection.ts';
import { isObject, type JsonObject, tryParse } from './json.ts';

// The first start of the embedded database takes seconds, and a provider's test waits 15 s for it.
const timeoutMs = 60_000;

type Query = Record<string, string | undefined>;

/** Speaks with one server. Every method throws a CliError in words. */
export function createClient(connection: Connection) {
  const { url, key } = connection;

  async function send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(url + path, {
        method,
        signal,
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw signal.aborted && signal.reason?.name !== 'TimeoutError' ? signal.reason : unreachable(connection, cause);
    }
  }

  async function ask(method: string, path: string, body?: unknown): Promise<JsonObject> {
    const response = await send(method, path, body, AbortSignal.timeout(timeoutMs));
    const what = `${method} ${path.split('?')[0]}`;
    if (!response.ok) throw await errorOf(response, connection, what);
    if (response.status === 204) return {};
    const answer = tryParse(await response.text());
    if (!isObject(answer)) throw notSluice(connection, `${what} is not answered with a JSON object`);
    return answer;
  }

  /** The server runs the same version as this program, so the fields of an object are taken as they come. */
  const get = async <Answer>(path: string, query: Query = {}) => (await ask('GET', path + queryOf(query))) as Answer;
  const post = async <Answer>(path: string, body?: unknown) => (await ask('POST', path, body)) as Answer;

  return {
    connection,
    get,
    post,
    patch: async <Answer>(path: string, body: unknown) => (await ask('PATCH', path, body)) as Answer,
    put: async <Answer>(path: string, body?: unknown) => (await ask('PUT', path, body)) as Answer,
    delete: async <Answer>(path: string) => (await ask('DELETE', path)) as Answer,
    async list<Row>(path: string, query: Query = {}): Promise<Row[]> {
      const { data } = await get<{ data: unknown }>(path, query);
      if (!Array.isArray(data)) throw notSluice(connection, `GET ${path} is not answered with a list`);
      return data as Row[];
    },
    /** A file, piece by piece. */
    async download(path: string, query: Query = {}): Promise<AsyncIterable<Uint8Array>> {
      const response = await send('GET', path + queryOf(query), undefined, new AbortController().signal);
      if (!response.ok || !response.body) throw await errorOf(response, connection, `GET ${path}`);
      return response.body;
    },
    /** A request whose answer is read as it comes; throws what the signal was aborted with. */
    async stream(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
      const response = await send('POST', path, body, signal);
      if (!response.ok) throw await errorOf(response, connection, `POST ${path}`);
      if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
        throw notSluice(connection, `POST ${path} is not answered with a stream`);
      }
      return response;
    },
  };
}

export type Client = ReturnType<typeof createClient>;

function queryOf(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
