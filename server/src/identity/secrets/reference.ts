/** Where a secret is kept. `field` is a member of what is kept there, when that is an object. */
export interface SecretReference {
  scheme: 'env' | 'file' | 'vault' | 'aws-sm' | 'gcp-sm';
  name: string;
  field?: string;
}

const form = /^(env|file|vault|aws-sm|gcp-sm):(.+)$/s;
const schemesWithField = new Set(['vault', 'aws-sm', 'gcp-sm']);

/** Reads `env:NAME`, `file:/path`, `vault:path#field`, `aws-sm:name#field` or `gcp-sm:projects/…`; undefined for any other text. */
export function parseReference(text: string): SecretReference | undefined {
  const [, scheme, rest] = form.exec(text.trim()) ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  const hash = schemesWithField.has(scheme) ? rest.lastIndexOf('#') : -1;
  const name = hash === -1 ? rest : rest.slice(0, hash);
  const field = hash === -1 ? '' : rest.slice(hash + 1);
  return { scheme: scheme as SecretReference['scheme'], name, ...(field !== '' && { field }) };
}

export const isReference = (text: string): boolean => parseReference(text) !== undefined;
