import { asArray, asNumber, asObject, asString, type JsonObject, tryParseJson } from '../core/json.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { parseOpenAiError } from '../wire/openai-error.ts';
import { fetchJson } from './fetch-json.ts';
import type { Egress, ModelPull } from './provider.ts';
import { readLimited } from './read-limited.ts';

export interface OllamaModel {
  name: string;
  sizeBytes?: number;
  /** ISO time of the last change. */
  modifiedAt?: string;
  digest?: string;
  family?: string;
  parameterSize?: string;
  quantization?: string;
}

/** A model that is loaded now. */
export interface OllamaRunning {
  name: string;
  sizeBytes?: number;
  videoMemoryBytes?: number;
  /** ISO time at which it will be unloaded. */
  expiresAt?: string;
  context?: number;
}

export interface OllamaAdminDeps {
  /** Ollama's address without `/v1`. */
  baseUrl: string;
  egress: Egress;
  headers?: Record<string, string>;
  /** What errors call it. */
  id?: string;
}

/** Ollama's own API (https://docs.ollama.com/api): what is there, what is loaded, and fetching more. All throw SluiceError. */
export function createOllamaAdmin({ baseUrl, egress, headers = {}, id = 'ollama' }: OllamaAdminDeps) {
  const base = baseUrl.replace(/(\/v1)?\/*$/, '');
  const get = (path: string, signal: AbortSignal): Promise<JsonObject> =>
    fetchJson(
      { url: `${base}${path}`, method: 'GET', headers: { accept: 'application/json', ...headers } },
      { provider: id, credentials: [], egress, signal },
    );

  return {
    /** The server's version; resolves only when it is up. */
    async version(signal: AbortSignal): Promise<string> {
      return asString((await get('/api/version', signal)).version) ?? 'unknown';
    },

    async models(signal: AbortSignal): Promise<OllamaModel[]> {
      return asArray((await get('/api/tags', signal)).models).flatMap(readModel);
    },

    async running(signal: AbortSignal): Promise<OllamaRunning[]> {
      return asArray((await get('/api/ps', signal)).models).flatMap(readRunning);
    },

    /** Fetches a model, step by step. The last step's status is `success`; a stream that ends without it throws. */
    async *pull(model: string, signal: AbortSignal): AsyncGenerator<ModelPull, void, undefined> {
      const request = {
        url: `${base}/api/pull`,
        method: 'POST' as const,
        headers: { 'content-type': 'application/json', accept: 'application/x-ndjson', ...headers },
        body: JSON.stringify({ model, stream: true }),
      };
      const response = await egress(request, { signal }).catch((cause: unknown) => {
        if (cause instanceof SluiceError) throw cause;
        throw new SluiceError('upstream_unreachable', `${id} could not be reached.`, {
          cause,
          upstream: { provider: id },
        });
      });
      if (!response.ok) throw parseOpenAiError(response.status, await readLimited(response, 65_536));
      let done = false;
      for await (const line of lines(response.body)) {
        const step = asObject(tryParseJson(line));
        if (!step) throw new SluiceError('upstream_invalid_answer', `${id} sent a step that is not JSON.`);
        const fault = asString(step.error);
        if (fault !== undefined) throw new SluiceError('upstream_rejected', fault, { upstream: { provider: id } });
        done = step.status === 'success';
        yield readPull(step);
      }
      if (!done) throw new SluiceError('upstream_invalid_answer', `${id} stopped fetching ${model} before its end.`);
    },

    async remove(model: string, signal: AbortSignal): Promise<void> {
      const request = {
        url: `${base}/api/delete`,
        method: 'DELETE' as const,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model }),
      };
      const response = await egress(request, { signal });
      const text = await readLimited(response, 65_536);
      if (!response.ok) throw parseOpenAiError(response.status, text);
    },
  };
}

async function* lines(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string, void, undefined> {
  if (!body) return;
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let held = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const pieces = (held + decoder.decode(part.value, { stream: true })).split('\n');
      held = pieces.pop() ?? '';
      for (const piece of pieces) if (piece.trim() !== '') yield piece;
    }
    held += decoder.decode();
    if (held.trim() !== '') yield held;
  } finally {
    reader.cancel().catch(() => {});
  }
}

function readModel(item: unknown): OllamaModel[] {
  const entry = asObject(item) ?? {};
  const name = asString(entry.model) ?? asString(entry.name);
  if (!name) return [];
  const details = asObject(entry.details);
  return [
    {
      name,
      sizeBytes: asNumber(entry.size),
      modifiedAt: asString(entry.modified_at),
      digest: asString(entry.digest),
      family: asString(details?.family),
      parameterSize: asString(details?.parameter_size),
      quantization: asString(details?.quantization_level),
    },
  ];
}

function readRunning(item: unknown): OllamaRunning[] {
  const entry = asObject(item) ?? {};
  const name = asString(entry.model) ?? asString(entry.name);
  if (!name) return [];
  return [
    {
      name,
      sizeBytes: asNumber(entry.size),
      videoMemoryBytes: asNumber(entry.size_vram),
      expiresAt: asString(entry.expires_at),
      context: asNumber(entry.context_length),
    },
  ];
}

const readPull = (step: JsonObject): ModelPull => ({
  status: asString(step.status) ?? '',
  digest: asString(step.digest),
  totalBytes: asNumber(step.total),
  completedBytes: asNumber(step.completed),
});
