import type { DocumentRegistry } from './registry.ts';

const same = 'A virtual key (`sl_live_…`) or the admin key';

/** The four ways to send a key, so that every SDK may send it as it does to its own maker. */
export function documentSecurity(registry: DocumentRegistry): void {
  registry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: `${same}, as the OpenAI SDKs send it.`,
  });
  registry.registerComponent('securitySchemes', 'xApiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: `${same}, as the Anthropic SDKs send it.`,
  });
  registry.registerComponent('securitySchemes', 'googleKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-goog-api-key',
    description: `${same}, as the Google SDKs send it.`,
  });
  registry.registerComponent('securitySchemes', 'queryKey', {
    type: 'apiKey',
    in: 'query',
    name: 'key',
    description: `${same}, in the address. Addresses end up in logs: prefer a header.`,
  });
}

/** Any one of the four is enough. */
export const anyKey: Record<string, string[]>[] = [{ key: [] }, { xApiKey: [] }, { googleKey: [] }, { queryKey: [] }];
