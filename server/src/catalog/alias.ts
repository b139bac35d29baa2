/** Another form of a model's id under which the catalogue may know it. */
export interface Alias {
  /** Lower case. */
  id: string;
  /** What the other form says of the price: the same, the same unless a price list knows better, or nothing. */
  price: 'same' | 'approximate' | 'unknown';
}

/**
 * The forms under which a provider's model may stand in the catalogue, the given id first, then from the nearest to the
 * farthest: without resource prefix (`models/`), region (`us.`), route (`:nitro`), version (`-v1:0`), date or `-latest`.
 */
export function aliasesOf(provider: string, id: string): Alias[] {
  const aliases = new Map<string, Alias['price']>();
  const add = (form: string, price: Alias['price']): void => {
    if (form !== '' && !aliases.has(form)) aliases.set(form, price);
  };
  const plain = withoutResource(id.toLowerCase());
  add(id.toLowerCase(), 'same');
  add(plain, 'same');
  const { base, price } = withoutRoute(provider, plain);
  for (const form of withoutRegion(provider, base)) {
    const formPrice = form === base ? price : 'approximate';
    for (const release of releasesOf(provider, form)) add(release, formPrice);
  }
  return [...aliases].map(([form, formPrice]) => ({ id: form, price: formPrice }));
}

/** The name of a release without its date: `claude-opus-4-1` for `claude-opus-4-1@20250805`; undefined when undated. */
export function undated(id: string): string | undefined {
  const match = /^(.+)[-@](20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$/.exec(id);
  return match?.[1];
}

// Gemini lists `models/x`, Vertex AI `publishers/google/models/x`; an AWS ARN ends in the id after its last slash.
function withoutResource(id: string): string {
  if (id.startsWith('arn:')) return id.slice(id.lastIndexOf('/') + 1);
  return id.replace(/^(?:.*\/)?publishers\/[^/]+\/models\/|^models\//, '');
}

// OpenRouter's `:nitro` and `:floor` choose among endpoints with prices of their own, `:online` adds searches, and Hugging
// Face's suffix names the provider behind it: the model is the same, the price is not known before the answer tells it.
// `:free` is another model with a smaller window, and never an alias.
function withoutRoute(provider: string, id: string): { base: string; price: Alias['price'] } {
  const routed =
    provider === 'openrouter'
      ? /^(.+):(?:nitro|floor|exacto|online)$/.exec(id)
      : provider === 'huggingface'
        ? /^(.+):[\w-]+$/.exec(id)
        : null;
  if (routed?.[1] !== undefined) return { base: routed[1], price: 'unknown' };
  return { base: provider === 'ollama-cloud' ? id.replace(/-cloud$/, '') : id, price: 'same' };
}

// A Bedrock inference profile names the regions it may use before the model. Its price may be some percent higher.
function withoutRegion(provider: string, id: string): string[] {
  if (provider !== 'amazon-bedrock') return [id];
  return [id, id.replace(/^(?:us|eu|apac|global|jp|au|ca|sa|in|us-gov)\./, '')];
}

function releasesOf(provider: string, id: string): string[] {
  const forms = [id];
  const add = (form: string | undefined) => form !== undefined && forms.push(form);
  if (provider === 'amazon-bedrock') {
    const version = id.replace(/(?::\d+)?(?::\d+k)?$/, '');
    add(version);
    add(version.replace(/-v\d+$/, ''));
  }
  add(undated(id));
  const moving = id.replace(/(?:-latest|@latest|@default)$/, '');
  add(moving);
  // Gemini's stable versions carry a number: gemini-2.0-flash-001.
  if (provider === 'google' || provider === 'google-vertex') add(moving.replace(/-\d{3}$/, ''));
  if (provider === 'google-vertex') add(`${moving}@default`);
  add(`${moving}-latest`);
  return forms;
}
