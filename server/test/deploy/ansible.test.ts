import { expect, setDefaultTimeout, test } from 'bun:test';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { temporaryFolder } from '../support/databases.ts';
import { findTool, preparedCompose, readYaml, root, runTool, testNginx } from './deploy-files.ts';

// The playbook as Ansible reads it, and what its templates come to.

setDefaultTimeout(60_000);

const ansible = join(root, 'deploy/ansible');
const playbook = findTool('ansible-playbook', 'apt install ansible-core');
const lint = findTool('ansible-lint', 'apt install ansible-lint');
const nginx = findTool('nginx', 'apt install nginx-light');

test.skipIf(!playbook)('Ansible takes the playbook and the example of an inventory', () => {
  runTool(playbook!, ['--syntax-check', '-i', 'inventory.example.yml', 'site.yml'], { cwd: ansible });
});

test.skipIf(!lint)('ansible-lint finds no fault', () => {
  runTool(lint!, ['--offline', '--nocolor', '.'], { cwd: ansible });
});

const templates = {
  'sluice.yaml': 'sluice',
  'sluice.env': 'sluice',
  'plain.conf': 'nginx',
  'sluice.conf': 'nginx',
  'ollama.container': 'ollama',
};
type Name = keyof typeof templates;

/** What expressions come to, by a play that only says them; quicker than files that are written. */
function evaluate(expressions: { text: string; vars?: object }[], variables: object = {}): string[] {
  const file = join(temporaryFolder(), 'play.yml');
  const play = {
    hosts: 'localhost',
    connection: 'local',
    gather_facts: false,
    vars_files: ['sluice', 'nginx', 'ollama'].map((role) => `${ansible}/roles/${role}/defaults/main.yml`),
    tasks: expressions.map(({ text, vars = {} }) => ({
      'ansible.builtin.debug': { msg: `<{{ (${text}) | b64encode }}>` },
      vars,
    })),
  };
  writeFileSync(file, JSON.stringify([play]));
  const said = runTool(playbook!, ['-i', 'localhost,', '-e', JSON.stringify(variables), file]);
  return [...said.matchAll(/<([\w+/=]*)>/g)].map(([, text]) => Buffer.from(text!, 'base64').toString());
}

/** What the templates come to with these variables, beside the defaults of the roles. */
function render(variables: object): Record<Name, string> {
  const names = Object.keys(templates) as Name[];
  const texts = evaluate(
    names.map((name) => ({ text: `lookup('template', '${ansible}/roles/${templates[name]}/templates/${name}.j2')` })),
    variables,
  );
  return Object.fromEntries(names.map((name, index) => [name, texts[index]!])) as Record<Name, string>;
}

const gateway = {
  sluice_domain: 'gateway.example.com',
  ollama_memory_mb: 7950,
  sluice_environment: { ANTHROPIC_API_KEY: 'sk-"quoted"', GROQ_API_KEY: '' },
  sluice_config: { limits: { bodyBytes: 1_000_000 }, auth: { signUp: 'open' } },
};

test.skipIf(!playbook)('a server is given the largest model of its tier, and a small one none', () => {
  const { ollama_tiers: tiers } = readYaml('deploy/ansible/roles/ollama/defaults/main.yml') as {
    ollama_tiers: { memory_mb: number; model: string }[];
  };
  expect(tiers.map(({ memory_mb }) => memory_mb)).toEqual(
    tiers.map(({ memory_mb }) => memory_mb).sort((a, b) => a - b),
  );
  const servers = [2000, 3920, 15_990, 128_000].map((ollama_memory_mb) => ({
    text: 'ollama_model',
    vars: { ollama_memory_mb },
  }));
  expect(evaluate(servers)).toEqual(['', 'qwen3:0.6b', 'qwen3:8b', 'qwen3:32b']);
});

test.skipIf(!playbook)(
  'the configuration is one that the server takes, and the environment one that systemd takes',
  () => {
    const rendered = render(gateway);
    const config = parseConfig(rendered['sluice.yaml'], 'sluice.yaml', {});
    expect(config.auth).toMatchObject({ url: 'https://gateway.example.com', signUp: 'open' });
    expect(config.trustedProxies).toEqual(['127.0.0.1']);
    expect(config.limits.bodyBytes).toBe(1_000_000);
    expect(rendered['sluice.env'].trimEnd().split('\n').slice(1)).toEqual([
      'PORT=8080',
      'OLLAMA_HOST=127.0.0.1:11434',
      'ANTHROPIC_API_KEY="sk-\\"quoted\\""',
    ]);
    const unit = rendered['ollama.container'];
    const { services } = parse(readFileSync(join(root, 'deploy/compose/full.yaml'), 'utf8'), { merge: true });
    expect(unit).toContain(`Image=docker.io/${services.ollama.image}\n`);
  },
);

test.skipIf(!playbook || !nginx)('nginx takes what is made for it', () => {
  const { folder: compose } = preparedCompose();
  const place = temporaryFolder();
  for (const name of ['tls.crt', 'tls.key']) copyFileSync(join(compose, 'secrets', name), join(place, name));
  const rendered = render({
    ...gateway,
    nginx_certificate: '/etc/nginx/tls.crt',
    nginx_certificate_key: '/etc/nginx/tls.key',
  });
  const inside = `${rendered['plain.conf']}\n${rendered['sluice.conf']}`;
  // Ports below 1024 can be bound, but need not be free.
  testNginx(
    nginx!,
    `pid /tmp/pid;\nevents {}\nhttp {\n${inside.replace(/listen (\[::\]:)?(\d+)/g, 'listen $1$29')}}\n`,
    place,
  );
});
