import { providerKinds } from './provider-kinds.ts';
import type { Provider } from './types.ts';

/**
 * What is sent when a provider is saved: what the form says, and what was said before where the form has no field for it,
 * since the server replaces the whole. Of another kind nothing is kept. What is secret and left empty is not sent: it stays.
 */
export function providerToSave(before: Provider | undefined, kind: string, fields: Record<string, string>) {
  const { address, options: asked = [] } = providerKinds.find((each) => each.kind === kind) ?? {};
  const kept = before?.kind === kind ? before.settings : undefined;
  const said = (name: string) => fields[name]?.trim() || undefined;
  const options: Record<string, unknown> = { ...kept?.options };
  for (const { name } of asked) {
    const value = said(name);
    if (value === undefined) delete options[name];
    else options[name] = value;
  }
  return {
    kind,
    baseUrl: address === '' ? kept?.baseUrl : said('baseUrl'),
    apiKey: said('apiKey'),
    options: Object.keys(options).length > 0 ? options : undefined,
    wires: kept?.wires,
    firstByteMs: kept?.firstByteMs,
  };
}
