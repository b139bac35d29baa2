import { readFileSync } from 'node:fs';
import { createClient } from '../../api/client.ts';
import { tryParse } from '../../api/json.ts';
import type { Guardrail } from '../../api/types.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { findKey } from '../keys/find-key.ts';
import { describeAction, describeScope } from './describe-guardrail.ts';

const kinds = [
  'pii',
  'secrets',
  'keywords',
  'regex',
  'image-links',
  'injection',
  'size',
  'language',
  'schema',
  'moderation',
];

export const addGuardrail = defineCommand({
  name: 'add',
  summary: 'Add a rule',
  details:
    'Adds a rule after the others. What is looked for: pii, secrets, keywords, regex, image-links, injection, size, language, schema or moderation.',
  positionals: [
    { name: 'name', required: true },
    { name: 'kind', required: true },
  ],
  options: {
    action: {
      type: 'string',
      short: 'a',
      value: 'action',
      summary: 'block (the default), redact, mask, flag or route',
    },
    on: { type: 'string', value: 'side', summary: 'input (the default), output or both' },
    detect: {
      type: 'string',
      multiple: true,
      value: 'what',
      summary: 'pii: email, phone, card, iban, national-id or ip',
    },
    word: { type: 'string', multiple: true, value: 'word', summary: 'keywords: a word or a phrase' },
    pattern: { type: 'string', multiple: true, value: 'regex', summary: 'regex: a pattern in the syntax of RE2' },
    check: { type: 'string', value: 'json', summary: 'Other fields of the check, as JSON or @file' },
    local: { type: 'boolean', summary: 'route: only models on your own machines' },
    to: { type: 'string', value: 'group', summary: 'route: the members of this group' },
    'for-key': { type: 'string', value: 'key', summary: 'Only calls of this key' },
    'for-team': { type: 'string', value: 'id', summary: 'Only calls of this team' },
    'for-group': { type: 'string', value: 'group', summary: 'Only calls to this group of models' },
    order: { type: 'string', value: 'number', summary: 'Where it stands: lower comes first' },
  },
  examples: [
    'sluice guardrails add pii pii --action mask',
    'sluice guardrails add no-cards pii --detect card --on both',
    'sluice guardrails add falcon keywords --word "project falcon" --action flag',
    'sluice guardrails add at-home pii --action route --local --to home',
    'sluice guardrails add long size --check \'{"maxCharacters":200000}\'',
  ],
  async run({ words: [name = '', kind = ''], options, output, connection }) {
    if (!kinds.includes(kind)) throw new UsageError(`There is no kind \`${kind}\`.`, `Kinds: ${kinds.join(', ')}.`);
    const { action = 'block', on, detect, word, pattern, local, to, order } = options;
    const { 'for-key': key, 'for-team': team, 'for-group': group } = options;
    const check = {
      ...readCheck(options.check),
      kind,
      ...(detect.length > 0 && { detect }),
      ...(word.length > 0 && { words: word }),
      ...(pattern.length > 0 && { patterns: pattern }),
    };
    const route = { ...(local && { localOnly: true }), ...(to !== undefined && { group: to }) };
    const client = createClient(connection());
    const made = await client.post<Guardrail>('/api/v1/guardrails', {
      name,
      check,
      action,
      on: on ?? (kind === 'schema' ? 'output' : 'input'),
      ...(Object.keys(route).length > 0 && { route }),
      ...(key !== undefined && { keyId: (await findKey(client, key)).id }),
      ...(team !== undefined && { teamId: team }),
      ...(group !== undefined && { group }),
      ...(order !== undefined && { order: readOrder(order) }),
    });
    output.print(made, () =>
      [
        `Added ${output.colours.bold(printable(made.name))} (${made.id})`,
        '',
        `Looks for   ${made.check.kind} in the ${made.on === 'both' ? 'input and the output' : made.on}`,
        `Does        ${describeAction(made)}`,
        `Calls of    ${describeScope(made)}`,
      ].join('\n'),
    );
  },
});

function readCheck(text: string | undefined): object {
  if (text === undefined) return {};
  const value = tryParse(text.startsWith('@') ? readFile(text.slice(1)) : text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('`--check` is no JSON object.', 'For example: --check \'{"threshold":60}\'');
  return value;
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`The file \`${path}\` cannot be read.`);
  }
}

function readOrder(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`\`--order ${text}\` is no whole number.`);
  return Number(text);
}
