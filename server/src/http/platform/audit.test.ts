import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { CreatedKey } from '../../../../shared/src/keys.ts';
import { databaseTimeoutMs } from '../../../test/support/databases.ts';
import { type TestGateway, testGateway } from '../../../test/test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

interface Entry {
  seq: number;
  at: string;
  organisationId: string;
  actorId: string;
  action: string;
  targetId: string;
  requestId: string | null;
  detail: Record<string, unknown>;
}
interface Page {
  data: Entry[];
  next: string | null;
}

let gateway: TestGateway;
let other: CreatedKey;
beforeAll(async () => {
  gateway = await testGateway({ config: { providers: { sandbox: { kind: 'sandbox' } } } });
  const { id } = await post<{ id: string }>('/api/v1/organisations', { name: 'Other' });
  other = await post<CreatedKey>('/api/v1/keys', { name: '=HYPERLINK("x"),"y"', role: 'admin', organisationId: id });
});
afterAll(() => gateway.stop());

async function post<Body>(path: string, body: object): Promise<Body> {
  const response = await gateway.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Body;
}
const get = (path: string, key = gateway.key) =>
  fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } });
const list = async (query: string, key?: string) => (await (await get(`/api/v1/audit?${query}`, key)).json()) as Page;

test('a change is in the audit with who did it, what changed and the request it came with', async () => {
  const response = await gateway.fetch('/api/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'audited', models: ['sandbox/*'] }),
  });
  const requestId = response.headers.get('x-sluice-request-id');
  const { id, key } = (await response.json()) as CreatedKey;
  const { data } = await list(`target=${id}`);
  expect(data).toHaveLength(1);
  expect(data[0]).toMatchObject({ actorId: 'admin', action: 'key.create', targetId: id, requestId });
  expect(data[0]!.detail).toMatchObject({ name: 'audited', models: ['sandbox/*'] });
  expect(JSON.stringify(data)).not.toContain(key.slice(12, -4));
});

test('pages follow each other without a gap or a row twice', async () => {
  for (let number = 0; number < 5; number++) await post('/api/v1/keys', { name: `page ${number}` });
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = await list(`limit=2${cursor ? `&cursor=${cursor}` : ''}`);
    expect(page.data.length).toBeLessThanOrEqual(2);
    seen.push(...page.data.map(({ seq }) => seq));
    cursor = page.next;
  } while (cursor);
  expect(seen).toEqual(Array.from(seen, (_, index) => seen.length - index));
  expect(seen.length).toBeGreaterThan(5);
});

test('an organisation sees its own rows only, in the list and in the file, whatever it asks for', async () => {
  for (const query of ['', 'organisation=org_default', 'actor=admin']) {
    const { data } = await list(query, other.key);
    expect(data.length).toBeGreaterThan(0);
    expect(new Set(data.map(({ organisationId }) => organisationId))).toEqual(new Set([other.organisationId]));
  }
  const file = await (await get('/api/v1/audit/export?organisation=org_default', other.key)).text();
  expect(file).not.toContain('org_default');
  expect((await get('/api/v1/audit/verify', other.key)).status).toBe(403);
  const member = await post<CreatedKey>('/api/v1/keys', { name: 'm' });
  for (const path of ['', '/export', '/verify'])
    expect((await get(`/api/v1/audit${path}`, member.key)).status).toBe(403);
});

test('the file has every row once, oldest first, as lines of JSON and as CSV that no spreadsheet runs', async () => {
  const lines = (await (await get('/api/v1/audit/export')).text()).trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Entry);
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
  const response = await get(`/api/v1/audit/export?format=csv&target=${other.id}`);
  expect(response.headers.get('content-type')).toStartWith('text/csv');
  const csv = await response.text();
  expect(csv).toStartWith('seq,at,organisationId,');
  expect(csv.trimEnd().split('\r\n')).toHaveLength(2);
  const formula = await get(`/api/v1/audit/export?format=csv&actor=${encodeURIComponent(other.name)}`);
  expect(await formula.text()).not.toMatch(/(^|,)"?=/m);
  // Something that a key of that name did.
  await fetch(`${gateway.url}/api/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${other.key}`, 'content-type': 'application/json' },
    body: '{"name":"by a formula"}',
  });
  const done = await (await get(`/api/v1/audit/export?format=csv&actor=${encodeURIComponent(other.name)}`)).text();
  expect(done).toContain(`,"'=HYPERLINK(""x""),""y""",`);
});

test('the record verifies, with the head that can be kept', async () => {
  const verdict = (await (await get('/api/v1/audit/verify')).json()) as {
    valid: boolean;
    head: { seq: number; hash: string };
  };
  expect(verdict).toMatchObject({ valid: true, firstBroken: null });
  const { seq, hash } = verdict.head;
  expect(await (await get(`/api/v1/audit/verify?seq=${seq}&hash=${hash}`)).json()).toMatchObject({ valid: true });
  expect(await (await get(`/api/v1/audit/verify?seq=${seq}&hash=${'0'.repeat(64)}`)).json()).toMatchObject({
    valid: false,
    firstBroken: { seq, fault: 'changed' },
  });
});
