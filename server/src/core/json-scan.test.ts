import { expect, test } from 'bun:test';
import { maxDepth, patchMembers, readJsonBody, scanJson } from './json-scan.ts';
import { SluiceError } from './sluice-error.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

function refusal(read: () => unknown): SluiceError {
  try {
    read();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function elapsedMs(act: () => unknown): number {
  const startedMs = performance.now();
  act();
  return performance.now() - startedMs;
}

test('64 levels are read and 65 are refused, whatever they are made of', () => {
  expect(readJsonBody(bytesOf(nested(maxDepth))).value).toBeArray();
  expect(refusal(() => readJsonBody(bytesOf(nested(maxDepth + 1)))).message).toContain('deeper than 64');
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  expect(readJsonBody(bytesOf(objects(maxDepth))).value).toBeObject();
  expect(refusal(() => readJsonBody(bytesOf(objects(maxDepth + 1)))).code).toBe('invalid_json');
});

test('levels that were closed again do not count', () => {
  const text = `[${Array(1000)
    .fill(nested(maxDepth - 1))
    .join(',')}]`;
  expect(readJsonBody(bytesOf(text)).value).toHaveLength(1000);
});

test('brackets inside strings are no levels', () => {
  const text = JSON.stringify({ a: '[{'.repeat(1000), '[[[': '\\"[[[' });
  expect(readJsonBody(bytesOf(text)).value).toEqual(JSON.parse(text));
});

test('five million levels are refused at once', () => {
  const bytes = bytesOf('['.repeat(5_000_000));
  expect(elapsedMs(() => refusal(() => readJsonBody(bytes)))).toBeLessThan(200);
});

test('an object of 300,000 keys is read in time that grows with its length', () => {
  const text = JSON.stringify(Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`key${index}`, 0])));
  expect(elapsedMs(() => scanJson(text))).toBeLessThan(2000);
});

test('a string of a million escaped quotes is read in time that grows with its length', () => {
  const text = JSON.stringify({ a: '"\\'.repeat(1_000_000) });
  expect(elapsedMs(() => scanJson(text))).toBeLessThan(2000);
});

test.each([
  '{"model":"a","model":"b"}',
  '{"model":"a","mod\\u0065l":"b"}',
  '{"\\u006dodel":"a","model":"b"}',
  '{"a":{"b":1,"c":[],"b":2}}',
  '[{"x":1,"x":1}]',
  '{"":1,"":2}',
  '{"a/b":1,"a\\/b":2}',
  `{${Array.from({ length: 40 }, (_, index) => `"k${index}":1`).join(',')},"k3":2}`,
])('a key that appears twice in one object is refused however it is spelt: %s', (text) => {
  const error = refusal(() => readJsonBody(bytesOf(text)));
  expect(error.code).toBe('invalid_json');
  expect(error.message).toContain('twice');
});

test('the same key in different objects, and as a value, is no duplicate', () => {
  const text = '{"a":{"a":"a"},"b":["a","a",{"a":1},{"a":2}],"c":"a"}';
  expect(readJsonBody(bytesOf(text)).value).toEqual(JSON.parse(text));
});

test('spans hold exactly the JSON of each top-level value', () => {
  const text = '{ "a" : 1 , "b":[1, {"c":"}"}] ,"c":"x, \\"y\\": {" ,\n"d"\t:\tnull\n, "e":{} , "\\u00e9":-1.5e3}  ';
  const { members, value } = readJsonBody(bytesOf(text));
  const read = Object.fromEntries(
    [...members].map(([key, { start, end }]) => [key, JSON.parse(text.slice(start, end))]),
  );
  expect(read).toEqual(value as Record<string, unknown>);
  for (const { start, end } of members.values()) expect(text.slice(start, end)).toBe(text.slice(start, end).trim());
});

test('an array at the top has no members, and neither has an empty object or a bare value', () => {
  for (const text of ['[{"a":1},{"a":2}]', '{}', '{ \n }', '"a:b,c"', '12', ' null ']) {
    expect(readJsonBody(bytesOf(text)).members.size).toBe(0);
  }
});

test('a replaced member changes nothing else, byte for byte', () => {
  const text =
    '{\r\n  "model" :  "old" ,\t"n":1.0, "big":12345678901234567890, "s":"caf\\u00e9 😀 \u2028", "o":{"model":"inner"} } \n';
  const patched = patchMembers(readJsonBody(bytesOf(text)), { model: 'new' });
  expect(patched).toBe(text.replace('"old"', '"new"'));
});

test('members are replaced wherever they stand, whatever the lengths', () => {
  const text = '{"z":{"deep":[1,2,{"model":"x"}]},"stream_options":{"a":1},"y":2,"model":"m"  }';
  const patched = patchMembers(readJsonBody(bytesOf(text)), {
    model: 'a-much-longer-name',
    stream_options: null,
    z: 0,
  });
  expect(patched).toBe('{"z":0,"stream_options":null,"y":2,"model":"a-much-longer-name"  }');
});

test('a member that has the value already is left as it is written', () => {
  const text = '{"model":"same","a":1}';
  expect(patchMembers(readJsonBody(bytesOf(text)), { model: 'same' })).toBe(text);
});

test('a member that is missing is added in front, and the result is JSON', () => {
  expect(patchMembers(readJsonBody(bytesOf(' {"a":1} ')), { model: 'm' })).toBe(' {"model":"m","a":1} ');
  expect(patchMembers(readJsonBody(bytesOf('{}')), { model: 'm', b: [1] })).toBe('{"model":"m","b":[1]}');
  expect(JSON.parse(patchMembers(readJsonBody(bytesOf('{ \n}')), { model: 'm' }))).toEqual({ model: 'm' });
});

test('a key that was spelt with escapes is replaced, not added a second time', () => {
  const patched = patchMembers(readJsonBody(bytesOf('{"mod\\u0065l":"old"}')), { model: 'new' });
  expect(patched).toBe('{"mod\\u0065l":"new"}');
});

test('a value of dollar signs is put in literally', () => {
  const patched = patchMembers(readJsonBody(bytesOf('{"model":"a"}')), { model: "$& $1 $'" });
  expect(JSON.parse(patched)).toEqual({ model: "$& $1 $'" });
});

test.each([
  ['{"a":1,}', 1, 8, 'a key in double quotes'],
  ['{"a" 1}', 1, 6, ': after the key'],
  ['{\n  "a": tru\n}', 2, 8, 'a value'],
  ['[1, 2', 1, 6, ', or ]'],
  ['{"a":1 "b":2}', 1, 8, ', or }'],
  ['{"a":"x', 1, 8, 'the closing quote'],
  ['{"a":1} x', 1, 9, 'the end of the text'],
  ['{"a":"\n"}', 1, 7, 'an escape such as \\n'],
  ['{"a":"\\x"}', 1, 7, 'one of the escapes'],
  ['{"a":"\\u12g4"}', 1, 7, 'one of the escapes'],
  ['{"a":01}', 1, 7, ', or }'],
  ["{'a':1}", 1, 2, 'a key in double quotes'],
  ['{"a":NaN}', 1, 6, 'a value'],
  ['[1,]', 1, 4, 'a value'],
  ['{"a":1}}', 1, 8, 'the end of the text'],
  [']', 1, 1, 'a value'],
])('broken JSON is refused with its place: %s', (text, line, column, expected) => {
  const { code, message } = refusal(() => readJsonBody(bytesOf(text)));
  expect(code).toBe('invalid_json');
  expect(message).toContain(`at line ${line}, column ${column}: expected ${expected}`);
});

test('an empty body and broken UTF-8 are refused in words', () => {
  expect(refusal(() => readJsonBody(bytesOf(' \n'))).message).toContain('empty');
  for (const bytes of [
    [0xff, 0x7b, 0x7d],
    [0x22, 0xc3, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ]) {
    expect(refusal(() => readJsonBody(new Uint8Array(bytes))).message).toContain('UTF-8');
  }
});

test('every broken form of a body is refused as invalid_json, never with another error', () => {
  const whole = '{"a":[1,-2.5e+3,true,{"b":"\\u00e9\\n"}],"c":null}';
  for (let at = 0; at < whole.length; at++) {
    for (const text of [
      whole.slice(0, at),
      `${whole.slice(0, at)}${whole.slice(at + 1)}`,
      `${whole.slice(0, at)}\u0001${whole.slice(at)}`,
    ]) {
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      if (parses) expect(readJsonBody(bytesOf(text)).value).toEqual(JSON.parse(text));
      else
        expect(refusal(() => readJsonBody(bytesOf(text))).message).toMatch(
          /empty|twice|at line \d+, column \d+: expected/,
        );
    }
  }
});
