import type { WireName } from '../core/wire-name.ts';
import type { OutgoingRequest, ProviderCall } from './provider.ts';

/**
 * Headers of the caller that a provider of the wire may see. A caller's choice of organisation or project is not among
 * them: whose account is billed is for the operator to say, in `headers`.
 */
const passed: Record<WireName, readonly string[]> = {
  'openai-chat': ['openai-beta', 'x-client-request-id'],
  'openai-responses': ['openai-beta', 'x-client-request-id'],
  'anthropic-messages': ['anthropic-beta', 'anthropic-version'],
  gemini: [],
  'bedrock-converse': [],
};

export function passedHeaders({ wire, passHeaders }: ProviderCall): Record<string, string> {
  const headers: Record<string, string> = {};
  if (wire === 'openai-embeddings' || wire === 'gemini-embeddings') return headers;
  for (const name of passed[wire]) {
    const value = passHeaders[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** A JSON POST of the call's body. Later layers of headers win; all names are in lower case. */
export function postJson(url: string, call: ProviderCall, ...layers: Record<string, string>[]): OutgoingRequest {
  return {
    url,
    method: 'POST',
    headers: Object.assign(
      { 'content-type': 'application/json', accept: call.stream ? 'text/event-stream' : 'application/json' },
      ...layers,
    ),
    body: call.body,
  };
}

/** Percent-encodes one segment of a path as RFC 3986 says, so that AWS's canonical form of it is beyond doubt. */
export const pathSegment = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
