import type { Settings } from './config/settings.ts';
import { commandLine } from './core/shipped.ts';
import type { Setup } from './setup.ts';

/** What the console shows at start: where, with which key, which providers, and a line to try that works as printed. */
export function greet({
  url,
  adminKey,
  setup,
  settings,
}: {
  url: string;
  adminKey: { key: string; created: boolean };
  setup: Setup;
  settings: Settings;
}): string {
  const providers = [...setup.providers.values()].map(({ id, kind }) =>
    kind === 'sandbox' ? `${id} (offline, deterministic: for trying things out)` : id === kind ? id : `${id} (${kind})`,
  );
  const model = exampleModel(setup);
  const here = fromHere(url);
  const key = adminKey.created
    ? adminKey.key
    : settings.adminKey
      ? '$SLUICE_ADMIN_KEY'
      : `$(cat ${settings.dataDir}/admin-key)`;
  const lines = [
    '',
    `  Sluice is running at ${url}`,
    '',
    adminKey.created
      ? `  Admin key    ${adminKey.key}   (shown once; kept in ${settings.dataDir}/admin-key)`
      : `  Admin key    ${settings.adminKey ? 'from SLUICE_ADMIN_KEY' : `in ${settings.dataDir}/admin-key`}`,
    `  Providers    ${providers.join(', ')}`,
  ];
  if (setup.providers.size === 1 && setup.providers.has('sandbox')) {
    lines.push(
      '               No provider key was found. Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, …, or OLLAMA_HOST, and start again.',
    );
  }
  lines.push(
    `  Docs         ${here}/docs`,
    '',
    '  Try it:',
    '',
    `  curl ${here}/v1/chat/completions -H "authorization: Bearer ${key}" -H "content-type: application/json" -d '{"model":"${model}","messages":[{"role":"user","content":"Say hello"}]}'`,
    '',
  );
  return lines.join('\n');
}

/** What the console shows while nobody can log in. */
export const inviteOwner = ({ url, token }: { url: string; token: string }): string =>
  [
    '  Nobody can log in yet. Make the first person, who may do everything: open',
    '',
    `  ${fromHere(url)}/setup?token=${token}`,
    '',
    '  in a browser, or run',
    '',
    `  ${commandLine} setup --url ${fromHere(url)} --token ${token} --name "Your name" --email you@example.com`,
    '',
    '  The token works once; the next start shows another one.',
    '',
  ].join('\n');

/** All addresses of this machine are none that a browser everywhere can open. */
const fromHere = (url: string): string => url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/, '//localhost');

/** A model that an example can name: one from the configuration, the sandbox's, or whatever suits. */
export function exampleModel({ config, registry }: Setup): string {
  const [configured] = config.models;
  if (configured) return configured.id;
  const sandbox = registry.models().find(({ info }) => info.family === 'sandbox');
  return sandbox?.id ?? 'auto';
}
