import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { parseAllDocuments, parseDocument } from 'yaml';
import { runCli } from '../../../cli/test/run-cli.ts';
import { parseConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { readSettings } from '../../src/config/settings.ts';
import { lockedApp } from '../../src/http/test-app.ts';
import {
  composeFiles,
  environmentOf,
  filesBelow,
  isSluice,
  preparedCompose,
  read,
  readYaml,
  root,
  servicesOf,
  version,
} from './deploy-files.ts';

// What the files of deploy/ say of Sluice is so: names of variables, ports, paths, options, times and files.

const all = [...filesBelow('deploy'), ...filesBelow('.github')];
const terraform = all.filter((path) => path.endsWith('.tf'));
const port = readSettings({}).port;
const { limits } = configSchema.parse({});

test('every YAML, JSON and HCL file can be read', async () => {
  const faults: string[] = [];
  const plain = all.filter((path) => !path.includes('/templates/'));
  for (const path of plain) {
    if (/\.ya?ml$/.test(path))
      for (const { errors } of parseAllDocuments(read(path), { merge: true }) as { errors: Error[] }[])
        faults.push(...errors.map((error) => `${path}: ${error.message}`));
    else if (path.endsWith('.json')) JSON.parse(read(path));
    else if (path.endsWith('.tf')) await parseHcl(path, read(path));
  }
  expect(faults).toEqual([]);
  expect(plain.length).toBeGreaterThan(30);
});

// --- Variables of the environment ---

const serverSources = ['server/src', 'cli/src', 'scripts']
  .flatMap(filesBelow)
  .filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.test.ts'))
  .map(read)
  .join('\n');
const reference = read('docs/reference/configuration.md').split('## The file')[0]!;
/** Whether the program reads it; and people are told of it. */
const isVariable = (name: string): boolean =>
  new RegExp(`\\b${name}\\b`).test(serverSources) &&
  (reference.includes(`\`${name}\``) || name === 'BUN_CONFIG_MAX_HTTP_REQUESTS');

/** Variables that `${…}` in the configuration file takes. */
const configVariables = (text: string): string[] => [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!);

test('every variable that is handed to Sluice is one that it reads', () => {
  const handed: Record<string, string[]> = {
    Dockerfile: [...read('Dockerfile').matchAll(/^(?:ENV|) +([A-Z_]+)=/gm)].map(([, name]) => name!),
    'sluice.service': [...read('deploy/systemd/sluice.service').matchAll(/^Environment=([A-Z_]+)=/gm)].map(
      ([, name]) => name!,
    ),
    ansible: [...read('deploy/ansible/roles/sluice/templates/sluice.env.j2').matchAll(/^([A-Z_]+)=/gm)].map(
      ([, name]) => name!,
    ),
    chart: [
      ...[...read('deploy/helm/sluice/templates/deployment.yaml').matchAll(/- \{ name: ([A-Z_]+),/g)],
      ...[...read('deploy/helm/sluice/values.yaml').matchAll(/\b([A-Z]+_[A-Z_]+)\b/g)],
    ]
      .map(([, name]) => name!)
      .filter((name) => name !== 'NAME'),
    terraform: terraform.flatMap((path) =>
      [...read(path).matchAll(/^\s+([A-Z][A-Z0-9_]+)\s+=/gm)].map(([, name]) => name!),
    ),
  };
  // The content of the configuration file, where a file cannot be handed over; its own entry point writes it.
  handed.terraform = handed.terraform!.filter((name) => name !== 'CONFIG');
  expect(read('deploy/terraform/aws/main.tf')).toContain(`printf '%s' \\"$CONFIG\\" > \${local.config_path}`);
  const ofFile = configVariables(read('deploy/compose/sluice.yaml'));
  for (const name of composeFiles)
    for (const [service, { environment = {} }] of servicesOf(name).filter(isSluice))
      handed[`${name}/${service}`] = Object.keys(environment).filter((each) => !ofFile.includes(each));
  for (const [where, names] of Object.entries(handed)) {
    expect({ where, few: names.length === 0 }).toEqual({ where, few: false });
    expect({ where, unknown: names.filter((name) => !isVariable(name)) }).toEqual({ where, unknown: [] });
  }
});

test('.env.example has every variable of the compose files, and no other', () => {
  const texts = composeFiles.map((name) => read(`deploy/compose/${name}.yaml`)).join('\n');
  const used = new Set([...texts.matchAll(/(?<!\$)\$\{([A-Z0-9_]+)/g)].map(([, name]) => name!));
  const offered = [...read('deploy/compose/.env.example').matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name!);
  expect([...used].sort()).toEqual(offered.sort());
});

test('up.sh makes every secret once, and leaves alone what is there', () => {
  const { folder, prepare } = preparedCompose();
  const before = environmentOf(folder);
  for (const name of ['SLUICE_ADMIN_KEY', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'GRAFANA_PASSWORD'])
    expect(before[name]).toMatch(/^[0-9a-f]{48}$/);
  expect(Buffer.from(before.SLUICE_MASTER_KEY!, 'base64').length).toBe(32);
  const certificate = readFileSync(join(folder, 'secrets/tls.crt'), 'utf8');
  expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0);
  expect(statSync(join(folder, 'secrets')).mode & 0o077).toBe(0);
  prepare();
  expect(environmentOf(folder)).toEqual(before);
  expect(readFileSync(join(folder, 'secrets/tls.crt'), 'utf8')).toBe(certificate);
});

test('what compose mounts is there, once up.sh has made the secrets', () => {
  const { folder } = preparedCompose();
  const missing = composeFiles
    .flatMap((name) => servicesOf(name).flatMap(([, { volumes = [] }]) => volumes))
    .map((volume) => volume.split(':')[0]!)
    .filter((source) => source.startsWith('.') && !existsSync(join(folder, source)));
  expect([...new Set(missing)]).toEqual([]);
  for (const name of composeFiles) {
    const { volumes } = readYaml(`deploy/compose/${name}.yaml`) as { volumes: object };
    const named = servicesOf(name)
      .flatMap(([, service]) => service.volumes ?? [])
      .map((volume) => volume.split(':')[0]!)
      .filter((source) => !source.startsWith('.'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort());
  }
});

// --- Ports, paths and options ---

test('everything reaches Sluice at the port on which it listens', () => {
  const dockerfile = read('Dockerfile');
  expect(dockerfile).toMatch(new RegExp(`^EXPOSE ${port}$`, 'm'));
  expect(dockerfile).toContain(`PORT=${port}`);
  expect(servicesOf('solo')[0]![1].ports).toEqual([`127.0.0.1:\${SLUICE_PORT:-${port}}:${port}`]);
  const replicas = servicesOf('full')
    .filter(isSluice)
    .map(([name]) => `${name}:${port}`);
  expect(replicas.length).toBe(2);
  const upstreams = [...read('deploy/compose/nginx.conf').matchAll(/^\s+server (\S+:\d+) /gm)].map(([, to]) => to!);
  // Each twice: as one of those that are asked, and as one of those that are asked when nginx believes in none.
  expect(upstreams).toEqual([...replicas, ...replicas]);
  const { scrape_configs: jobs } = readYaml('deploy/compose/prometheus.yml');
  expect(jobs[0].static_configs[0].targets).toEqual(replicas);
  expect(read('deploy/helm/sluice/templates/deployment.yaml')).toContain(`containerPort: ${port},`);
  expect(read('deploy/terraform/aws/main.tf')).toMatch(new RegExp(`^  port = ${port}$`, 'm'));
  expect(read('deploy/terraform/cloud-run/main.tf')).toContain(`container_port = ${port}`);
  expect(readYaml('deploy/ansible/roles/sluice/defaults/main.yml').sluice_port).toBe(port);
});

test('every path that is asked for is a route that answers without a key', async () => {
  const texts = [...all.map(read), read('Dockerfile')].join('\n');
  const paths = new Set(
    [...texts.matchAll(/path:? *=? *"?(\/[a-z]+)(?:,|"?$)|location = (\/[a-z]+)|:8443(\/[a-z]+)'/gm)]
      .map(([, probe, location, check]) => probe ?? location ?? check!)
      .filter((path) => !['/data', '/tmp', '/prometheus'].includes(path)),
  );
  expect([...paths].sort()).toEqual(['/health', '/metrics', '/ready']);
  const app = lockedApp();
  for (const path of paths) expect({ path, status: (await app.request(path)).status }).toEqual({ path, status: 200 });
});

test('every command that is given to Sluice is one that it has', async () => {
  const texts = [...all.map(read), read('Dockerfile')].join('\n');
  const checks = [
    ...texts.matchAll(/\[(?:"CMD", |'CMD', )?["'][\w/]*\bsluice["'], ["'](\w+)["'](?:, ["'](--\w+)["'])?\]/g),
  ];
  expect(checks.length).toBeGreaterThan(3);
  for (const [, command, option] of checks) {
    const { code, stdout } = await runCli([command!, '--help']);
    expect({ command, code }).toEqual({ command, code: 0 });
    if (option) expect(stdout).toContain(option);
  }
});

test('the configuration of the replicas is one that the server takes', () => {
  const text = read('deploy/compose/sluice.yaml');
  const config = parseConfig(text, 'sluice.yaml', { PUBLIC_URL: 'https://gateway.example.com' });
  const { networks } = readYaml('deploy/compose/full.yaml');
  expect(config.trustedProxies).toEqual([networks.edge.ipam.config[0].subnet]);
  expect(config.auth?.url).toBe('https://gateway.example.com');
});

// --- Times ---

test('whoever stops it waits longer than it takes to stop, and whoever waits for an answer longer than a call lasts', () => {
  const { lameDuckMs } = readYaml('deploy/compose/sluice.yaml').limits;
  const needed = (lameDuckMs + limits.drainMs) / 1000 + 2;
  const graces = composeFiles.flatMap((name) =>
    servicesOf(name)
      .filter(isSluice)
      .map(([, service]) => Number.parseInt(service.stop_grace_period!, 10)),
  );
  const unit = /^TimeoutStopSec=(\d+)$/m.exec(read('deploy/systemd/sluice.service'))![1];
  const task = /stop_seconds = (\d+)/.exec(read('deploy/terraform/aws/main.tf'))![1];
  for (const seconds of [...graces, Number(unit), Number(task)]) expect(seconds).toBeGreaterThan(needed);
  const waits = [
    ...read('deploy/compose/nginx.conf').matchAll(/proxy_read_timeout (\d+)s/g),
    ...read('deploy/ansible/roles/nginx/templates/sluice.conf.j2').matchAll(/proxy_read_timeout (\d+)s/g),
    ...read('deploy/terraform/aws/main.tf').matchAll(/idle_timeout = (\d+)/g),
  ].map(([, seconds]) => Number(seconds));
  expect(waits.length).toBe(3);
  for (const seconds of waits) expect(seconds).toBeGreaterThan(limits.totalMs / 1000);
});

// --- The image, the unit, the workflows ---

test('the image is built of every workspace, and does not run as root', () => {
  const dockerfile = read('Dockerfile');
  const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
  for (const folder of workspaces) expect(dockerfile).toContain(`COPY ${folder}/package.json ${folder}/\n`);
  const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  expect(final).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  expect(final).toMatch(/^HEALTHCHECK .*"health"\]$/m);
  const user = /^USER (\d+)/m.exec(final)![1];
  expect(read('deploy/helm/sluice/templates/deployment.yaml')).toContain(`runAsUser: ${user}\n`);
  // What the build needs is not kept from it.
  const ignored = read('.dockerignore').split('\n');
  for (const folder of ['server', 'shared', 'cli', 'web', 'scripts', 'docs', 'LICENSE'])
    expect(ignored).not.toContain(folder);
});

test('images and actions are pinned by a whole version', () => {
  const images = [
    ...composeFiles.flatMap((name) => servicesOf(name).map(([, { image }]) => image)),
    ...[...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image!),
    readYaml('deploy/ansible/roles/ollama/defaults/main.yml').ollama_image as string,
    ...[
      ...all
        .filter((path) => path.startsWith('.github'))
        .map(read)
        .join('\n')
        .matchAll(/container: (\S+)/g),
    ].map(([, image]) => image!),
  ].map((image) => image.replace(/^\$\{SLUICE_IMAGE:-(.*)\}$/, '$1'));
  expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?([-.][\w.-]+)?$/.test(image))).toEqual([]);
  expect(images).toContain(`sluice:${version}`);
  const actions = all
    .filter((path) => path.startsWith('.github'))
    .flatMap((path) => [...read(path).matchAll(/uses: (\S+)/g)].map(([, action]) => action!))
    .filter((action) => !action.startsWith('./'));
  expect(actions.length).toBeGreaterThan(10);
  expect(actions.filter((action) => !/@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
});

test('no workflow may more than it needs', () => {
  for (const path of all.filter((each) => each.startsWith('.github/workflows'))) {
    const workflow = readYaml(path);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const writing = Object.entries(workflow.jobs as Record<string, { permissions?: Record<string, string> }>).map(
      ([name, { permissions = {} }]) => [
        name,
        Object.keys(permissions).filter((each) => permissions[each] === 'write'),
      ],
    );
    for (const [name, permissions] of writing)
      expect([name, permissions]).toEqual([
        name,
        name === 'image' ? ['packages', 'id-token'] : name === 'release' ? ['contents', 'id-token'] : [],
      ]);
    for (const document of parseDocument(read(path)).toString().split('uses: actions/checkout').slice(1))
      expect(document.slice(0, 100)).toContain('persist-credentials: false');
  }
});

test('the unit starts the program without npm, which does not pass signals on', () => {
  const [, program, script, command] = /^ExecStart=(\S+) \/opt\/sluice\/(\S+) (\S+)$/m.exec(
    read('deploy/systemd/sluice.service'),
  )!;
  expect([program, command]).toEqual(['/usr/bin/node', 'serve']);
  expect(existsSync(join(root, script!))).toBe(true);
});

test('the chart is of the version of the program', () => {
  expect(readYaml('deploy/helm/sluice/Chart.yaml').appVersion).toBe(version);
});

// --- Terraform ---

test('every variable, local, resource and module that Terraform refers to is there, and every variable is used', async () => {
  const modules = new Set(terraform.map((path) => path.slice(0, path.lastIndexOf('/'))));
  expect(modules.size).toBe(4);
  for (const module of modules) {
    const files = terraform.filter((path) => path.startsWith(`${module}/`));
    const text = files
      .map(read)
      .join('\n')
      .replace(/^\s*#.*$/gm, '');
    type Blocks = Record<string, Record<string, Record<string, unknown>>>;
    const blocks: Blocks[] = [];
    for (const path of files) blocks.push((await parseHcl(path, read(path))) as Blocks);
    const names = (kind: string) => blocks.flatMap((each) => Object.keys(each[kind] ?? {}));
    const deep = (kind: string) =>
      blocks.flatMap((each) =>
        Object.entries(each[kind] ?? {}).flatMap(([type, made]) => Object.keys(made).map((name) => `${type}.${name}`)),
      );
    const locals = blocks
      .flatMap((each) => (each.locals as unknown as object[] | undefined) ?? [])
      .flatMap(Object.keys);
    const referred = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))].sort();
    const unknown = [
      ...referred(/\bvar\.(\w+)/g).filter((name) => !names('variable').includes(name)),
      ...referred(/\blocal\.(\w+)/g).filter((name) => !locals.includes(name)),
      ...referred(/\bmodule\.(\w+)/g).filter((name) => !names('module').includes(name)),
      ...referred(/\bdata\.(\w+\.\w+)/g).filter((name) => !deep('data').includes(name)),
      ...referred(/(?<![\w."/])((?:aws|google|random|kubernetes|helm)_\w+\.\w+)/g).filter(
        (name) => !deep('resource').includes(name) && !deep('data').includes(name),
      ),
    ];
    expect({ module, unknown }).toEqual({ module, unknown: [] });
    expect(referred(/\bvar\.(\w+)/g)).toEqual(names('variable').sort());
  }
});

test('a module of Terraform is given just what it asks for, and what is taken from it is there', async () => {
  for (const module of ['gcp', 'cloud-run']) {
    const path = `deploy/terraform/${module}/main.tf`;
    const { module: used } = (await parseHcl(path, read(path))) as { module: { data: [Record<string, string>] } };
    const [{ source, ...given }] = used.data;
    const of = join('deploy/terraform', module, source!);
    const asked = (await parseHcl('v', read(join(of, 'variables.tf')))) as { variable: object };
    expect(Object.keys(given).sort()).toEqual(Object.keys(asked.variable).sort());
    const { output } = (await parseHcl('o', read(join(of, 'outputs.tf')))) as { output: object };
    const texts = readdirSync(join(root, 'deploy/terraform', module))
      .map((file) => read(join('deploy/terraform', module, file)))
      .join('\n');
    const taken = [...texts.matchAll(/module\.data\.(\w+)/g)].map(([, name]) => name!);
    expect(taken.filter((name) => !(name in output))).toEqual([]);
  }
});
