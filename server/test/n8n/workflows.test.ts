import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseTimeoutMs } from '../support/databases.ts';
import { adminKey, type ServerProcess, startServer } from '../support/server-process.ts';
import { isTrigger, type Json, type Run, runWorkflow, type Workflow } from './run-workflow.ts';

setDefaultTimeout(databaseTimeoutMs);

const folder = join(import.meta.dirname, '../../../deploy/n8n');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (file: string): Workflow => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Workflow;
const workflows = files.map((file) => [file, read(file)] as const);

/** The nodes of n8n's base package that are used, with the versions of each that have these fields, and what each must say. */
const known: Record<string, { versions: number[]; fields: string[] }> = {
  webhook: { versions: [1.1, 2, 2.1], fields: ['httpMethod', 'path', 'responseMode'] },
  scheduleTrigger: { versions: [1, 1.1, 1.2], fields: ['rule'] },
  set: { versions: [3.3, 3.4], fields: ['mode', 'assignments'] },
  httpRequest: { versions: [4, 4.1, 4.2, 4.3], fields: ['method', 'url', 'authentication', 'genericAuthType'] },
  if: { versions: [2, 2.1, 2.2], fields: ['conditions'] },
  splitOut: { versions: [1], fields: ['fieldToSplitOut'] },
  aggregate: { versions: [1], fields: ['aggregate', 'destinationFieldName'] },
  respondToWebhook: { versions: [1, 1.1], fields: ['respondWith', 'responseBody'] },
  stickyNote: { versions: [1], fields: ['content'] },
};

let server: ServerProcess;
let url: string;
let paths: Record<string, Record<string, unknown>>;
beforeAll(async () => {
  server = startServer({ config: 'discovery: false\nproviders:\n  sandbox: { kind: sandbox }\n' });
  await server.ready();
  url = await server.url;
  ({ paths } = (await (await server.ask('/openapi.json')).json()) as { paths: typeof paths });
});
afterAll(() => server.end('SIGTERM'));

test('the four that the guide tells of are there', () => {
  expect(files.sort()).toEqual([
    'cost-monitoring.json',
    'orchestrator.json',
    'performance-tracking.json',
    'smart-routing.json',
  ]);
});

describe.each(workflows)('%s', (_file, { nodes, connections }) => {
  test('has nodes of n8n itself, each with what it needs, its own id and name', () => {
    for (const { name, type, typeVersion, parameters, position } of nodes) {
      const [, noun = ''] = /^n8n-nodes-base\.(\w+)$/.exec(type) ?? [];
      expect([name, noun in known]).toEqual([name, true]);
      expect(known[noun]!.versions).toContain(typeVersion);
      for (const field of known[noun]!.fields)
        expect([name, field, parameters[field]]).not.toEqual([name, field, undefined]);
      expect(position.every(Number.isFinite)).toBe(true);
    }
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
    expect(nodes.filter(({ type }) => isTrigger(type))).toHaveLength(1);
  });

  test('is connected: from the trigger every node is reached, and expressions name nodes that there are', () => {
    const names = new Set(nodes.map(({ name }) => name));
    const reached = new Set(nodes.filter(({ type }) => isTrigger(type)).map(({ name }) => name));
    for (const [from, { main }] of Object.entries(connections)) {
      expect(names).toContain(from);
      for (const { node, type, index } of main.flat())
        expect([names.has(node), type, index]).toEqual([true, 'main', 0]);
    }
    for (const name of reached) for (const { node } of connections[name]?.main.flat() ?? []) reached.add(node);
    const silent = nodes.filter(({ type }) => type.endsWith('.stickyNote')).map(({ name }) => name);
    expect([...names].filter((name) => !reached.has(name))).toEqual(silent);
    for (const [, , named] of JSON.stringify(nodes).matchAll(/\$\((\\?["'])(.*?)\1\)/g))
      expect(names).toContain(named!);
  });

  test('asks for what the API has, with a credential by reference and no key in it', () => {
    const requests = nodes.filter(({ type }) => type.endsWith('.httpRequest'));
    expect(requests.length).toBeGreaterThan(1);
    for (const { parameters, credentials } of requests) {
      const path = String(parameters.url).replace("={{ $('Settings').first().json.baseUrl }}", '');
      const route = Object.keys(paths).find((each) => matches(each, path));
      expect([path, route]).not.toEqual([path, undefined]);
      expect(Object.keys(paths[route!]!)).toContain(String(parameters.method).toLowerCase());
      expect([parameters.authentication, parameters.genericAuthType]).toEqual([
        'genericCredentialType',
        'httpBearerAuth',
      ]);
      expect(Object.keys(credentials!)).toEqual(['httpBearerAuth']);
    }
    expect(JSON.stringify(nodes)).not.toMatch(/sl_live_|[Aa]uthorization/);
    for (const { type, parameters, credentials } of nodes)
      if (type.endsWith('.webhook')) expect([parameters.authentication, !!credentials]).toEqual(['headerAuth', true]);
  });
});

/** `/api/v1/providers/{id}/test`, against a path with an expression in that place. */
const matches = (route: string, path: string): boolean =>
  new RegExp(`^${route.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '(\\{\\{.*\\}\\}|[^/]+)')}$`).test(
    path,
  );

const runOf = async (file: string, trigger: Json, settings: Json): Promise<Run> => {
  const run = await runWorkflow(read(file), { key: adminKey, trigger, settings: { baseUrl: url, ...settings } });
  for (const { node, status } of run.requests) expect([node, status]).toEqual([node, 200]);
  return run;
};
const asked = ({ requests }: Run): string[] => requests.map(({ node }) => node);

describe('run against a server', () => {
  test('smart routing scores a question, and thinks before it answers a hard one', async () => {
    const body = { question: 'Design and analyze a distributed cache, then implement it: ```ts\nlet a = 1;\n```' };
    const hard = await runOf('smart-routing.json', { body }, { hardFrom: 0.3 });
    expect(asked(hard)).toEqual(['How hard is it', 'Think first']);
    const easy = await runOf('smart-routing.json', { body: { question: 'What is a list?' } }, { hardFrom: 0.3 });
    expect(asked(easy)).toEqual(['How hard is it', 'Answer at once']);
    for (const { answer } of [hard, easy])
      expect(answer).toEqual({
        answer: expect.stringMatching(/\S/),
        model: expect.stringMatching(/\S/),
        score: expect.any(Number),
      });
  });

  test('cost monitoring is silent below the limit, and above it says whose and which', async () => {
    const quiet = await runOf('cost-monitoring.json', {}, { dailyLimitUsd: 1000 });
    expect(asked(quiet)).toEqual(["Today's total"]);
    const loud = await runOf('cost-monitoring.json', {}, { dailyLimitUsd: 0 });
    const [alert] = loud.items.Alert as { subject: string; text: string }[];
    expect(alert!.subject).toMatch(/^AI spend today: \$\d+\.\d\d of \$0$/);
    expect(alert!.text).toMatch(/By key:\n {2}admin \$0\.\d+\nBy model:\n {2}sandbox\/\S+ \$0\.\d+[\s\S]*Budgets:/);
  });

  test('performance tracking reports the last day, tests every provider, and alerts when something is wrong', async () => {
    const quiet = await runOf('performance-tracking.json', {}, { slowFromMs: 1e9, errorsFromPercent: 101 });
    expect(asked(quiet)).toEqual(['The last day', 'By model', 'Providers', 'Test it']);
    const [report] = quiet.items.Report as { requests: number; down: string[]; models: unknown[] }[];
    expect(report).toMatchObject({ down: [], errorPercent: 0 });
    expect(report!.requests).toBeGreaterThan(0);
    expect(report!.models.length).toBeGreaterThan(0);
    expect(quiet.items.Alert).toBeUndefined();
    const loud = await runOf('performance-tracking.json', {}, { slowFromMs: 0 });
    expect((loud.items.Alert as { subject: string }[])[0]!.subject).toMatch(/^AI gateway: p95 \d+ ms, 0\.0 % errors$/);
  });

  test('the orchestrator plans, does each step, and puts the results together', async () => {
    const run = await runOf('orchestrator.json', { body: { task: 'Compare tea and coffee.' } }, { mostSteps: 3 });
    const [{ steps } = { steps: [] }] = run.items.Steps as { steps: string[] }[];
    expect(steps.length).toBeGreaterThan(0);
    expect(asked(run)).toEqual(['Plan', ...steps.map(() => 'Do it'), 'Put together']);
    expect(run.answer).toMatchObject({ answer: expect.stringMatching(/\S/), steps });
  });
});
