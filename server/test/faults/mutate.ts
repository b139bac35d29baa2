import { isObject, type JsonObject, tryParseJson } from '../../src/core/json.ts';

type Random = () => number;

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;

/** Values that programs trip over. */
const nastyValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '\ufeff',
  '\ud800',
  'data:image/png;base64,====',
  'http://127.0.0.1:1/',
  '__proto__',
  'x'.repeat(5000),
  [],
  [[]],
  [null],
  {},
  { '': '' },
  { type: 'text' },
  { type: 'nobody' },
];

const nastyBytes: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u0000',
  '\\ud800',
  '\u0000',
  '\u00ff\u00fe',
  '\u00c0\u0080',
  '1e999',
  '-0',
  'NaN',
  'null',
  '\r\n',
  '\r\n\r\n',
  '0\r\n\r\n',
  'content-length: 1\r\n',
  'transfer-encoding: chunked\r\n',
  'ffffffff\r\n',
  '-1\r\n',
  '[['.repeat(60),
  '{"a":'.repeat(70),
];

/** The same JSON with one to three of its values changed, removed or doubled; undefined when it is no JSON object. */
export function mutateJson(text: string, random: Random): string | undefined {
  const value = tryParseJson(text);
  if (!isObject(value)) return undefined;
  for (let count = 1 + Math.floor(random() * 3); count > 0; count--) changeOne(value, random);
  return JSON.stringify(value);
}

function changeOne(root: JsonObject, random: Random): void {
  let at: Record<string, unknown> | unknown[] = root;
  for (;;) {
    const names: string[] = Object.keys(at);
    if (names.length === 0) return;
    const name = pick(random, names);
    const inner: unknown = (at as Record<string, unknown>)[name];
    if (typeof inner === 'object' && inner !== null && random() < 0.75) {
      at = inner as Record<string, unknown>;
      continue;
    }
    const choice = random();
    if (choice < 0.2) delete (at as Record<string, unknown>)[name];
    else if (choice < 0.3 && Array.isArray(at)) at.push(structuredClone(inner));
    else (at as Record<string, unknown>)[name] = structuredClone(pick(random, nastyValues));
    return;
  }
}

/** The bytes with one to four cuts, copies, flips and insertions. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let changed = Buffer.from(bytes);
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    const from = Math.floor(random() * (changed.length + 1));
    const to = Math.min(changed.length, from + Math.floor(random() * random() * 60));
    const choice = random();
    if (choice < 0.2) changed = Buffer.concat([changed.subarray(0, from), changed.subarray(to)]);
    else if (choice < 0.35)
      changed = Buffer.concat([changed.subarray(0, to), changed.subarray(from, to), changed.subarray(to)]);
    else if (choice < 0.6 && changed.length > 0)
      changed[Math.min(from, changed.length - 1)]! ^= 1 << Math.floor(random() * 8);
    else if (choice < 0.9) {
      const put = Buffer.from(pick(random, nastyBytes), 'latin1');
      changed = Buffer.concat([changed.subarray(0, from), put, changed.subarray(from)]);
    } else changed = Buffer.from(changed.subarray(0, from));
  }
  return changed;
}
