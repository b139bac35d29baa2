import { afterAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import type { JsonObject } from '../../src/core/json.ts';
import { expectError, type PostRouteName, postRouteNames, postRoutes } from './dialects.ts';
import { eventually } from './eventually.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { left, wrongFields } from './wrong-fields.ts';

const gateway = await startGateway();
const bodyBytes = 20_000;
const narrow = await startGateway({ config: `limits: { bodyBytes: ${bodyBytes} }` });
afterAll(() => Promise.all([gateway.stop(), narrow.stop()]));

interface Asking {
  body: BodyInit;
  headers?: Record<string, string>;
  path?: string;
}

/** Sends bodies to one route with a key of their own, and expects the ledger to hold one row for each of them. */
async function ask(name: PostRouteName, askings: Asking[], at: GatewayProcess = gateway) {
  const { id, key } = await at.createKey({ name });
  const answers: { status: number; body: string; requestId: string | null }[] = [];
  for (const { body, headers, path = postRoutes[name].path } of askings) {
    const response = await fetch(at.url + path, {
      method: 'POST',
      body,
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(10_000),
    });
    const requestId = response.headers.get('x-sluice-request-id');
    answers.push({ status: response.status, body: await response.text(), requestId });
  }
  const rows = await at.calls(id);
  expect(rows.map(({ requestId }) => String(requestId)).sort()).toEqual(
    answers.map(({ requestId }) => String(requestId)).sort(),
  );
  const statusOf = new Map(rows.map(({ requestId, outcome, status }) => [requestId, [outcome, status]]));
  for (const { status, requestId } of answers)
    expect(statusOf.get(requestId!)).toEqual([status === 200 ? 'ok' : 'rejected', status]);
  return answers;
}

function textOf(body: JsonObject, field: string, value: unknown): string {
  const { [field]: _, ...rest } = body;
  if (value === left) return JSON.stringify(rest);
  const json = value === Number.POSITIVE_INFINITY ? '1e999' : JSON.stringify(value);
  return `${JSON.stringify(rest).slice(0, -1)}${Object.keys(rest).length > 0 ? ',' : ''}${JSON.stringify(field)}:${json}}`;
}

describe.each(postRouteNames)('%s', (name) => {
  const { body, dialect, path } = postRoutes[name];
  const whole = JSON.stringify(body);
  const adding = (member: string) => `${whole.slice(0, -1)},${member}}`;

  test('every wrong value of a main field is a 400 whose sentence names the field', async () => {
    const cases = Object.entries(wrongFields[name]).flatMap(([field, values]) =>
      values.map((value) => ({ field, value })),
    );
    const answers = await ask(
      name,
      cases.map(({ field, value }) => ({ body: textOf(body, field, value) })),
    );
    for (const [index, { field, value }] of cases.entries()) {
      const sentence = expectError(dialect, answers[index]!, 400);
      expect({ field, value, sentence }).toEqual({
        field,
        value,
        sentence: expect.stringContaining(field),
      });
      expect(sentence).toMatch(/^[\s\S]{15,400}[.…]$/);
      const param = dialect.startsWith('openai') ? JSON.parse(answers[index]!.body).error.param : undefined;
      if (param !== undefined) expect(String(param).split(/[.[]/)[0]).toBe(field);
    }
  });

  test('what is no JSON object is a 400 that says so', async () => {
    const cases: [BodyInit, RegExp][] = [
      ['', /empty/],
      [' \n', /empty/],
      ['[]', /must be a JSON object/],
      ['"text"', /must be a JSON object/],
      ['5', /must be a JSON object/],
      ['null', /must be a JSON object/],
      ['{', /not valid JSON/],
      ['{"a"', /not valid JSON/],
      [`${whole}}`, /not valid JSON/],
      [`${whole}${whole}`, /not valid JSON/],
      [whole.slice(0, -1), /not valid JSON/],
      [adding('"temperature":NaN'), /not valid JSON/],
      [adding('"temperature":-Infinity'), /not valid JSON/],
      [adding('"temperature":.5'), /not valid JSON/],
      [adding('"temperature":0x10'), /not valid JSON/],
      [adding('"user":undefined'), /not valid JSON/],
      [adding("'user':1"), /not valid JSON/],
      [adding('"user":"a\nb"'), /not valid JSON/],
      [adding('"a":1,"a":2'), /"a" appears twice/],
      [adding('"zz":{"b":1,"\\u0062":2}'), /"b" appears twice/],
      [adding(`"zz":${'['.repeat(64)}${']'.repeat(64)}`), /deeper than 64/],
      [adding(`"zz":${'['.repeat(100_000)}${']'.repeat(100_000)}`), /deeper than 64/],
      ['{"a":'.repeat(100_000), /deeper than 64/],
      [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
      [new Uint8Array([0xc0, 0x80]), /UTF-8/],
      [new Uint8Array([0xed, 0xa0, 0x80]), /UTF-8/],
    ];
    const answers = await ask(
      name,
      cases.map(([text]) => ({ body: text })),
    );
    for (const [index, [, words]] of cases.entries()) expect(expectError(dialect, answers[index]!, 400)).toMatch(words);
  });

  test('another content type is a 415, and one that means JSON is taken', async () => {
    const refused = ['text/xml', 'multipart/form-data; boundary=x', 'image/png'];
    const types = [...refused, 'application/json; charset=utf-8', 'application/vnd.api+json', 'text/plain'];
    const answers = await ask(
      name,
      types.map((type) => ({ body: whole, headers: { 'content-type': type } })),
    );
    for (const [index, type] of types.entries())
      if (refused.includes(type)) expect(expectError(dialect, answers[index]!, 415)).toContain('application/json');
      else expect(answers[index]!.status).toBe(200);
  });

  test('odd but valid JSON is answered or refused, never a fault', async () => {
    const odd = [
      `\ufeff${whole}`,
      adding('"__proto__":{"model":5},"constructor":1,"toString":2,"hasOwnProperty":3'),
      adding(`"zz":1${'0'.repeat(10_000)}`),
      adding('"zz":-0.0e-999'),
      adding(`"zz":[${'0,'.repeat(100_000)}0]`),
      adding(`"zz":{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join(',')}}`),
      whole.replaceAll('Hello', 'a\\u0000b'),
      whole.replaceAll('Hello', '\\ud800'),
      whole.replaceAll('Hello', '\\udc00\\ud800'),
      whole.replaceAll('Hello', 'x'.repeat(200_000)),
    ];
    for (const { status } of await ask(
      name,
      odd.map((text) => ({ body: text })),
    ))
      expect([200, 400]).toContain(status);
  });

  test('an unknown model is a 404 that names it, control characters and all', async () => {
    // The sandbox has no counter of its own, so the gateway counts for any model of its.
    const names = ['nobody/nothing', 'gpt-nothing', ...(name.startsWith('count') ? [] : ['sandbox/nothing'])];
    const odd = [
      'nothing\u0000',
      'nothing\ud800',
      '__proto__',
      'constructor',
      '../nothing',
      '%2e%2e',
      'nothing'.repeat(70),
    ];
    const asked = path.includes('/models/')
      ? names.map((model) => ({ body: whole, path: path.replace(/sandbox\/sandbox-\w+/, model) }))
      : [...names, ...odd].map((model) => ({ body: JSON.stringify({ ...body, model }) }));
    for (const [index, answer] of (await ask(name, asked)).entries()) {
      const sentence = expectError(dialect, answer, 404);
      if (index < names.length) expect(sentence).toContain('nothing');
    }
  });

  test('a body over the limit is a 413, with a declared length or without', async () => {
    const long = adding(`"zz":"${'x'.repeat(bodyBytes)}"`);
    const cases: Asking[] = [
      { body: long },
      { body: new Blob([long]).stream() },
      { body: adding(`"zz":"${'x'.repeat(5_000_000)}"`) },
      { body: adding(`"zz":"${'x'.repeat(bodyBytes - whole.length - 8)}"`) },
    ];
    const answers = await ask(name, cases, narrow);
    for (const answer of answers.slice(0, 3)) expect(expectError(dialect, answer, 413)).toContain(String(bodyBytes));
    expect(answers[3]!.status).toBe(200);
  });

  test('a caller who goes away in the middle of the body leaves one row, and no fault', async () => {
    const { id, key } = await gateway.createKey({ name: 'cut' });
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\n`;
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write(`${head}content-length: ${whole.length + 100}\r\n\r\n${whole}`);
    const data = new Promise((resolve) => socket.once('data', () => resolve('answered')));
    expect(await Promise.race([data, new Promise((resolve) => setTimeout(resolve, 100, 'waits'))])).toBe('waits');
    socket.destroy();
    const rows = await eventually(
      () => gateway.calls(id),
      ({ length }) => length > 0,
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['aborted']);
  });
});
