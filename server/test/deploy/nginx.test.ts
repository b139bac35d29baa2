import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { connect } from 'node:http2';
import { jsonOfEvent, readSse } from '../sse-reader.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { canReplicate, sayWithoutReplicas } from '../support/replicas.ts';
import { saying } from '../support/saying.ts';
import { until } from '../support/until.ts';
import { type Ended, type Fleet, type Replica, startFleet } from './fleet.ts';

// A real nginx with the configuration of Compose, in front of two real servers on one PostgreSQL and one Redis.

setDefaultTimeout(databaseTimeoutMs * 2);
sayWithoutReplicas('the tests of nginx in front of two replicas');
const behind = test.skipIf(!canReplicate);

const answer = saying('one two three');
const callers = 8;
let fleet: Fleet;
beforeAll(async () => {
  if (canReplicate) fleet = await startFleet();
}, databaseTimeoutMs);
afterAll(async () => {
  await fleet?.stop();
});
beforeEach(() => {
  if (!canReplicate) return;
  fleet.provider.reset();
  fleet.provider.reply(answer);
});

const tokenOf = ({ server }: Replica) => /\/setup\?token=(\S+)/.exec(server!.said.out)?.[1];
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fleet.ask(path, { method: 'POST', body: JSON.stringify(body), headers });
const placeOf = (id: string) => fleet.nginx.passed().find(({ requestId }) => requestId === id);
const whereWas = async (mark: string) => (await fleet.passed(({ target }) => target.includes(mark))).tried.at(-1)!;
const addresses = () => fleet.replicas.map(({ address }) => address).sort();

/** Every row that the replicas have of calls, by the id of the request. */
async function ledger(): Promise<string[]> {
  // Each writes what it has when it is asked.
  for (const { server } of fleet.replicas) await (await server!.ask('/api/v1/stats')).text();
  const text = await (await fleet.ask('/api/v1/usage/export?format=json')).text();
  return [...text.matchAll(/"request_id":"(req_[^"]+)"/g)].map(([, id]) => id!);
}

async function expectOnceInLedger(calls: Ended[]): Promise<void> {
  const rows = await ledger();
  const counts = new Map<string, number>();
  for (const id of rows) counts.set(id, (counts.get(id) ?? 0) + 1);
  expect(calls.filter(({ requestId }) => counts.get(requestId) !== 1)).toEqual([]);
}

/** So many calls, eight at a time, and on until `enough` holds. */
async function manyCalls(count: number, enough: () => boolean = () => true): Promise<Ended[]> {
  const ended: Ended[] = [];
  let begun = 0;
  const caller = async () => {
    while (begun < count || !enough()) {
      begun++;
      ended.push(await fleet.call());
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return ended;
}

const failedOf = (calls: Ended[]) => calls.filter(({ status }) => status !== 200);
const answeredBy = ({ address }: Replica) =>
  fleet.nginx.passed().filter(({ status, tried }) => status === 200 && tried.at(-1) === address).length;
const held = () => fleet.provider.requests.filter(({ answered }) => !answered).length;

// --- What passes ---

behind('a JSON call is answered with the id that the ledger has, and both replicas take part', async () => {
  const calls = await manyCalls(20);
  expect(failedOf(calls)).toEqual([]);
  expect(JSON.parse(calls[0]!.text).choices[0].message.content).toBe('one two three');
  await expectOnceInLedger(calls);
  const last = calls.map(({ requestId }) => requestId);
  for (const id of last) await fleet.passed(({ requestId }) => requestId === id);
  const places = fleet.nginx.passed().filter(({ requestId }) => last.includes(requestId));
  expect([...new Set(places.flatMap(({ tried }) => tried))].sort()).toEqual(addresses());
});

const deltaOf = (event: unknown) =>
  (event as { choices?: { delta?: { content?: string } }[] } | undefined)?.choices?.[0]?.delta?.content;

behind('an event of a stream arrives while the provider still holds the next one back', async () => {
  fleet.provider.reply(answer, { holdAfter: 2 });
  const reader = readSse(await fleet.chat({ stream: true }));
  let first = deltaOf(jsonOfEvent(await reader.next()));
  while (!first) first = deltaOf(jsonOfEvent(await reader.next()));
  expect(first).toBe('one ');
  expect(fleet.provider.requests).toMatchObject([{ answered: false, eventsWritten: 2 }]);
  fleet.provider.release();
  const rest = await reader.rest();
  expect(rest.map((event) => deltaOf(jsonOfEvent(event)) ?? '').join('')).toBe('two three ');
  expect(rest.at(-1)!.data).toBe('[DONE]');
});

behind('so it does over HTTP/2', async () => {
  fleet.provider.reply(answer, { holdAfter: 2 });
  const session = connect(fleet.nginx.url, { ca: fleet.nginx.ca });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/v1/chat/completions',
    authorization: fleet.operator,
    'content-type': 'application/json',
  });
  let text = '';
  let over = false;
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  stream.on('end', () => {
    over = true;
  });
  stream.end(JSON.stringify({ model: 'mock/m', stream: true, messages: [{ role: 'user', content: 'Which way?' }] }));
  await until(() => text.includes('"one "'));
  expect(fleet.provider.requests).toMatchObject([{ answered: false, eventsWritten: 2 }]);
  expect(text).not.toContain('"two "');
  fleet.provider.release();
  await until(() => over);
  expect(session.alpnProtocol).toBe('h2');
  expect(text).toEndWith('data: [DONE]\n\n');
  session.close();
});

behind(
  'bodies of many megabytes pass, and it is the server that refuses what is too large, in its dialect',
  async () => {
    const content = 'a long way '.repeat(1_000_000);
    const passed = await fleet.chat({ messages: [{ role: 'user', content }] });
    expect({ status: passed.status, text: (await passed.text()).length > 0 }).toEqual({ status: 200, text: true });
    const { json } = fleet.provider.requests[0] as unknown as { json: { messages: { content: string }[] } };
    expect(json.messages[0]!.content.length).toBe(content.length);

    const refused = await fleet.chat({ messages: [{ role: 'user', content: content.repeat(4) }] });
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    expect(fleet.provider.requests.length).toBe(1);
  },
);

behind('a socket of live figures opens by a ticket of whichever replica, and shows a call', async () => {
  const { ticket } = (await (await post('/api/v1/metrics/tickets', {})).json()) as { ticket: string };
  const url = `${fleet.nginx.url.replace('https', 'wss')}/api/v1/metrics/live?ticket=${ticket}`;
  const messages: { type: string; requests?: number }[] = [];
  const socket = new WebSocket(url, { tls: { ca: fleet.nginx.ca } } as never);
  const faults: unknown[] = [];
  socket.onmessage = ({ data }) => void messages.push(JSON.parse(data));
  socket.onerror = (event) => void faults.push((event as ErrorEvent).message);
  await until(() => messages.length > 0 || faults.length > 0);
  expect(faults).toEqual([]);
  expect(messages[0]!.type).toBe('history');
  await fleet.call();
  await until(() => messages.some(({ type, requests = 0 }) => type === 'second' && requests > 0));
  socket.close();
  const without = await fleet.send('/api/v1/metrics/live?ticket=tkt_none');
  expect(without.status).toBe(401);
});

behind('plain HTTP leads to TLS, and what is for Prometheus is not shown', async () => {
  const plain = await fetch(`${fleet.nginx.plainUrl}/docs?a=b`, { redirect: 'manual' });
  expect([plain.status, plain.headers.get('location')]).toEqual([308, 'https://localhost/docs?a=b']);
  expect((await fleet.ask('/metrics')).status).toBe(404);
  expect((await fleet.replicas[0].server!.ask('/metrics')).status).toBe(200);
});

// --- What the replicas share ---

behind('a session that was made at one replica is good at both', async () => {
  const ada = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' };
  // Each replica has shown a token, and the last one counts.
  await until(async () => {
    const made = fleet.replicas.map(
      async (replica) => (await post('/api/v1/setup', { token: tokenOf(replica), ...ada })).ok,
    );
    return (await Promise.all(made)).includes(true);
  });
  const headers = { origin: fleet.nginx.url };
  const login = await fleet.send('/api/auth/sign-in/email?login', {
    method: 'POST',
    headers,
    body: JSON.stringify(ada),
  });
  expect(login.status).toBe(200);
  const cookies = login.headers.getSetCookie();
  expect(cookies.every((each) => /; *secure/i.test(each))).toBe(true);
  const cookie = cookies.map((each) => each.split(';')[0]).join('; ');
  const seen = new Set([await whereWas('/sign-in/email?login')]);
  for (let each = 0; seen.size < 2 || each < 4; each++) {
    expect((await fleet.send(`/api/v1/sessions?each=${each}.`, { headers: { cookie } })).status).toBe(200);
    seen.add(await whereWas(`/sessions?each=${each}.`));
  }
  expect([...seen].sort()).toEqual(addresses());
  const strange = { cookie: cookie.replace(/=../g, '=xx') };
  expect((await fleet.send('/api/v1/sessions', { headers: strange })).status).toBe(401);
});

behind('a key that is revoked by way of one replica is refused by both', async () => {
  const { id, key } = (await (await post('/api/v1/keys', { name: 'a key' })).json()) as { id: string; key: string };
  const placeWith = async (status: number) => {
    const ended = await fleet.call(key);
    if (ended.status !== status) return;
    return (await fleet.passed(({ requestId }) => requestId === ended.requestId)).tried.at(-1)!;
  };
  for (const status of [200, 401]) {
    const seen = new Set<string>();
    await until(async () => {
      const place = await placeWith(status);
      if (place) seen.add(place);
      return seen.size === 2;
    });
    expect([...seen].sort()).toEqual(addresses());
    if (status === 200) expect((await fleet.ask(`/api/v1/keys/${id}`, { method: 'DELETE' })).ok).toBe(true);
  }
  expect([await placeWith(401), await placeWith(401), await placeWith(200)].map(Boolean)).toEqual([true, true, false]);
});

// --- A replica goes ---

/** Calls until nginx deals them out evenly again: one that was away is tried with single calls at first. No call may fail. */
async function untilBothTakePart(): Promise<Ended[]> {
  const calls: Ended[] = [];
  const share = (round: Ended[], { address }: Replica) =>
    round.filter(({ requestId }) => placeOf(requestId)?.tried.at(-1) === address).length;
  await until(async () => {
    const round = await manyCalls(callers);
    expect(failedOf(round)).toEqual([]);
    await until(() => round.every(({ requestId }) => placeOf(requestId)));
    calls.push(...round);
    return fleet.replicas.every((replica) => share(round, replica) > 2);
  });
  return calls;
}

behind(
  'the replicas are stopped by SIGTERM and started again, one right after the other, under load: no call fails',
  async () => {
    const all: Ended[] = [];
    for (const replica of fleet.replicas) {
      const { provider } = fleet;
      let over = false;
      const load = manyCalls(300, () => over);
      try {
        await provider.received(50);
        const before = answeredBy(replica);
        const stopped = replica.server!.end('SIGTERM');
        // It goes on answering for its time.
        await Promise.race([until(() => answeredBy(replica) > before + callers), stopped]);
        // Nobody is just coming in while it closes its door: whoever is may be reset.
        provider.reply(answer, { holdHeaders: true });
        await until(() => held() === callers);
        await fleet.refuses(replica);
        const then = answeredBy(replica);
        expect(then).toBeGreaterThan(before + callers);
        provider.reply(answer);
        provider.release();
        expect(await stopped).toBe(0);
        // What ran there was answered.
        await until(() => answeredBy(replica) > then);
        await provider.received(provider.requests.length + 100);
        await fleet.start(replica);
      } finally {
        over = true;
      }
      const calls = await load;
      expect(failedOf(calls)).toEqual([]);
      expect(calls.length).toBeGreaterThanOrEqual(300);
      all.push(...calls);
      provider.reset();
      provider.reply(answer);
    }
    const last = await untilBothTakePart();
    await expectOnceInLedger([...all, ...last]);
  },
);

behind(
  'a replica is killed: what it was asked to do fails and is not done twice, what was only asked to be read is read elsewhere, and nothing later fails',
  async () => {
    const { provider, nginx, replicas } = fleet;
    const [killed, other] = replicas;
    await untilBothTakePart();
    provider.reset();
    provider.reply(answer, { holdHeaders: true });
    const before = nginx.passed().length;
    const running = Array.from({ length: callers }, () => fleet.call());
    await until(() => held() === callers);
    // It takes what it is sent and says nothing.
    process.kill(killed.server!.pid, 'SIGSTOP');
    const reading = Array.from({ length: callers }, (_, each) => fleet.ask(`/v1/models?each=${each}`));
    await Promise.any(reading);
    await killed.server!.end('SIGKILL');

    for (const response of await Promise.all(reading)) expect(response.status).toBe(200);
    const read = () => nginx.passed().filter(({ target }) => target.includes('/v1/models?each='));
    await until(() => read().length === callers);
    const moved = read().filter(({ tried }) => tried[0] === killed.address && tried.at(-1) === other.address);
    expect(moved.length).toBeGreaterThan(0);

    // Sent again they would be held again, at the other.
    let over = 0;
    for (const call of running) void call.then(() => over++);
    await until(() => over > 0 || provider.requests.length > callers);
    provider.reply(answer);
    const later = await manyCalls(100);
    expect(failedOf(later)).toEqual([]);
    provider.release();
    const ended = await Promise.all(running);
    const lost = failedOf(ended);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThan(callers);
    expect(lost.map(({ status }) => status)).toEqual(lost.map(() => 502));
    // Each call reached the provider once.
    expect(provider.requests.length).toBe(callers + later.length);
    const lostAt = nginx
      .passed()
      .slice(before)
      .filter(({ status, target }) => status === 502 && target.startsWith('POST'));
    expect(lostAt.map(({ tried }) => tried)).toEqual(lost.map(() => [killed.address]));

    await fleet.start(killed);
    const last = await untilBothTakePart();
    await expectOnceInLedger([...ended.filter(({ status }) => status === 200), ...later, ...last]);
  },
);

behind(
  'an answer of the app whose reader left is finished by the replica that is stopped, and is read to its end at the other',
  async () => {
    const { provider } = fleet;
    const made = await post('/api/v1/keys', { name: 'chat', role: 'member', userId: null });
    const authorization = `Bearer ${((await made.json()) as { key: string }).key}`;
    provider.reset();
    provider.reply(answer, { holdAfter: 2 });
    const left = new AbortController();
    const asked = await fleet.ask('/api/v1/chat?asked', {
      method: 'POST',
      headers: { authorization },
      signal: left.signal,
      body: JSON.stringify({ message: 'Which way?', model: 'mock/m' }),
    });
    const first = readSse(asked);
    const { messageId, messageMetadata } = jsonOfEvent(await first.next()) as {
      messageId: string;
      messageMetadata: { conversationId: string };
    };
    while (!first.text.includes('text-delta')) await first.next();
    left.abort();
    const place = await whereWas('/chat?asked');
    const maker = fleet.replicas.find(({ address }) => address === place)!;
    const other = fleet.replicas.find((replica) => replica !== maker)!;

    const stopped = maker.server!.end('SIGTERM');
    await fleet.refuses(maker);
    const conversation = messageMetadata.conversationId;
    const reader = readSse(
      await fleet.ask(`/api/v1/chat/${conversation}/stream?again`, { headers: { authorization } }),
    );
    while (!reader.text.includes('text-delta')) expect(await reader.next()).toBeDefined();
    expect(provider.requests).toMatchObject([{ answered: false, eventsWritten: 2 }]);
    provider.release();
    await reader.rest();
    expect(reader.text).toContain(messageId);
    const said = [...reader.text.matchAll(/"delta":"([^"]*)"/g)].map(([, words]) => words).join('');
    expect(said).toBe('one two three ');
    expect(reader.text.trimEnd()).toEndWith('data: [DONE]');
    expect(await whereWas('/stream?again')).toBe(other.address);
    expect(await stopped).toBe(0);

    const kept = await fleet.ask(`/api/v1/conversations/${conversation}`, { headers: { authorization } });
    const { messages } = (await kept.json()) as { messages: { id: string; state: string; parts: object[] }[] };
    expect(messages.find(({ id }) => id === messageId)).toMatchObject({
      state: 'done',
      parts: [{ type: 'text', text: 'one two three ' }],
    });
    await fleet.start(maker);
  },
);
