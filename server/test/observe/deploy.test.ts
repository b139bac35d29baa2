import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { hasAmtool, hasPromtool, runTool } from '../support/prometheus.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

const root = join(import.meta.dirname, '../../..');
const deploy = join(root, 'deploy');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}
interface Dashboard {
  uid: string;
  title: string;
  templating: { list: { name: string; type: string; definition?: string }[] };
  panels: Panel[];
}

const dashboards = readdirSync(join(deploy, 'grafana/dashboards')).map(
  (file) => JSON.parse(read(`deploy/grafana/dashboards/${file}`)) as Dashboard,
);
const queriesOf = ({ panels, templating }: Dashboard) => [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...templating.list.flatMap(({ definition }) => (definition === undefined ? [] : [definition])),
];
const rules = (
  parse(read('deploy/prometheus/alerts.yml')) as {
    groups: {
      rules: { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string } }[];
    }[];
  }
).groups.flatMap((group) => group.rules);

interface Family {
  type: string;
  labels: Set<string>;
}

/** What /metrics prints: each family with the labels that its samples have. */
let families: Map<string, Family>;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await testGateway({ config: {} });
  // Something of everything that a call counts.
  for (const stream of [true, false]) await (await gateway.chat('openai-chat', { model: 'auto', stream })).text();
  await (await gateway.chat('openai-chat', { model: 'nobody-serves-this' })).text();
  families = familiesOf(await (await gateway.fetch('/metrics')).text());
}, databaseTimeoutMs);
afterAll(() => gateway.stop());

function familiesOf(text: string): Map<string, Family> {
  const found = new Map<string, Family>();
  for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    found.set(name!, { type: type!, labels: new Set() });
  for (const [, name, labels] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const family = found.get(name!) ?? found.get(name!.replace(/_(bucket|sum|count)$/, ''));
    for (const [, label] of (labels ?? '').matchAll(/(\w+)="/g)) if (label !== 'le') family?.labels.add(label!);
  }
  return found;
}

/** The rows of the reference: name, type, labels. */
const documented = () =>
  [...read('docs/reference/metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\|/gm)].map(
    ([, name, type, labels]) => ({
      name: name!,
      type: type!,
      labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
    }),
  );

test('the reference lists exactly the metrics that /metrics prints, with their types and labels', () => {
  const printed = [...families].filter(([name]) => name.startsWith('api_gateway_'));
  expect(printed.length).toBeGreaterThan(20);
  expect(
    documented()
      .map(({ name, type }) => `${name} ${type}`)
      .sort(),
  ).toEqual(printed.map(([name, { type }]) => `${name} ${type}`).sort());
  for (const { name, labels } of documented()) {
    const seen = families.get(name)!.labels;
    if (seen.size > 0) expect([name, ...labels].sort()).toEqual([name, ...seen].sort());
  }
  expect([...families.keys()].filter((name) => !/^(api_gateway|process|nodejs)_/.test(name))).toEqual([]);
});

const metricNames = (query: string) =>
  [...query.matchAll(/\b(?:api_gateway|process|nodejs)_\w+/g)].map(([name]) => name);
const known = (name: string) =>
  families.has(name) || families.get(name.replace(/_(bucket|sum|count)$/, ''))?.type === 'histogram';

test('every metric that a dashboard or a rule asks for is there, with the labels that it asks by', () => {
  const queries = [...dashboards.flatMap(queriesOf), ...rules.map(({ expr }) => expr)];
  expect(queries.length).toBeGreaterThan(50);
  const names = queries.flatMap(metricNames);
  expect(names.filter((name) => !known(name))).toEqual([]);
  // What is asked for at all: a look at what is not shown anywhere is left to people.
  const labels = new Set([...documented().flatMap((each) => each.labels), 'le', 'instance', 'job']);
  const asked = queries.flatMap((query) => [
    ...[...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim())),
    ...[...query.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)"/g)].map(([, label]) => label!),
  ]);
  expect(asked.length).toBeGreaterThan(20);
  expect([...new Set(asked)].filter((label) => !labels.has(label))).toEqual([]);
});

test('every rule says how severe it is and what it means, and is shown at work', () => {
  const shown = read('deploy/prometheus/alerts.test.yml');
  for (const { alert, labels, annotations } of rules) {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary).toBeString();
    expect(shown).toMatch(new RegExp(`alertname: ${alert}\\b`));
  }
});

test('dashboards have ids of their own, panels that do not overlap, and variables that exist', () => {
  expect(dashboards.map(({ uid }) => uid).sort()).toEqual(['sluice-money', 'sluice-operations']);
  for (const dashboard of dashboards) {
    const { panels, templating } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const {
      gridPos: { x, y, w, h },
      title,
    } of panels) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let across = x; across < x + w; across++)
        for (let down = y; down < y + h; down++) {
          expect(`${title} ${taken.has(`${across} ${down}`)}`).toBe(`${title} false`);
          taken.add(`${across} ${down}`);
        }
    }
    const variables = new Set([...templating.list.map(({ name }) => name), '__rate_interval', '__range']);
    const used = queriesOf(dashboard).flatMap((query) => [...query.matchAll(/\$(\w+)/g)].map(([, name]) => name!));
    expect([...new Set(used)].filter((name) => !variables.has(name))).toEqual([]);
  }
  const money = dashboards.find(({ uid }) => uid === 'sluice-money')!;
  for (const what of ['Spent', 'Saved', 'Spent by model', 'Spent by team'])
    expect(money.panels.map(({ title }) => title)).toContain(what);
});

const promtool = (...args: string[]) => {
  const { ok, said } = runTool('promtool', ...args)!;
  expect(ok ? '' : said).toBe('');
};

test.skipIf(!hasPromtool)(
  'Prometheus takes the configuration and the rules, and the rules do what their tests say',
  () => {
    promtool('check', 'config', join(deploy, 'prometheus/prometheus.yml'));
    promtool('check', 'rules', join(deploy, 'prometheus/alerts.yml'));
    promtool('test', 'rules', join(deploy, 'prometheus/alerts.test.yml'));
  },
);

test.skipIf(!hasPromtool)('Prometheus understands every query of the dashboards', () => {
  const path = join(temporaryFolder(), 'queries.yml');
  const queries = dashboards.flatMap(({ panels }) =>
    panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  );
  const plain = queries.map((query) =>
    query.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replaceAll(/\$\w+/g, '.*'),
  );
  writeFileSync(
    path,
    JSON.stringify({ groups: [{ name: 'g', rules: plain.map((expr, at) => ({ record: `query_${at}`, expr })) }] }),
  );
  promtool('check', 'rules', path);
});

test.skipIf(!hasAmtool)('Alertmanager takes the example', () => {
  const { ok, said } = runTool('amtool', 'check-config', join(deploy, 'alertmanager/alertmanager.yml'))!;
  expect(ok ? '' : said).toBe('');
});

test('what Grafana is provisioned with leads to the dashboards and to one data source', () => {
  const sources = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml'));
  expect(sources.datasources).toHaveLength(1);
  expect(sources.datasources[0]).toMatchObject({ type: 'prometheus', isDefault: true });
  const boards = parse(read('deploy/grafana/provisioning/dashboards/sluice.yml'));
  expect(boards.providers[0]).toMatchObject({ type: 'file', options: { path: expect.stringMatching(/^\//) } });
});
