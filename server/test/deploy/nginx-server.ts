import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/databases.ts';
import { freePort } from '../support/redis-server.ts';
import { forNginx, preparedCompose, read } from './deploy-files.ts';

/** What nginx wrote of one request: a line when it was over. */
export interface Passed {
  requestId: string;
  /** The replicas it was sent to, in order, by `host:port`. */
  tried: string[];
  status: number;
  target: string;
}

const logFormat = `log_format passed '$sent_http_x_sluice_request_id|$upstream_addr|$status|$request_method $request_uri';`;

/** The configuration that is shipped, with only the addresses and paths of this machine in place of a container's. */
function localConfiguration(nginx: string, folder: string, replicas: string[], ports: { plain: number; tls: number }) {
  const changes: [shipped: string, local: string][] = [
    // First: the folder is in /tmp itself.
    ['/tmp/', `${folder}/`],
    ['server sluice-a:8080 ', `server ${replicas[0]} `],
    ['server sluice-b:8080 ', `server ${replicas[1]} `],
    ['listen 8080;', `listen 127.0.0.1:${ports.plain};`],
    ['listen 8443 ssl;', `listen 127.0.0.1:${ports.tls} ssl;`],
    ['/etc/nginx/tls.', `${folder}/tls.`],
    ['access_log off;', `${logFormat} access_log ${folder}/access.log passed;`],
  ];
  const local = changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`deploy/compose/nginx.conf no longer says ${JSON.stringify(from)}.`);
    return text.replaceAll(from, to);
  }, read('deploy/compose/nginx.conf'));
  return forNginx(nginx, local);
}

/** nginx as Compose runs it: without rights, with the certificate of `up.sh`, in front of two addresses. */
export async function startNginx(replicas: string[]) {
  const nginx = Bun.which('nginx', { PATH: `${process.env.PATH}:/usr/sbin:/sbin` });
  if (!nginx) throw new Error('There is no nginx on the path: apt install nginx-light.');
  const folder = temporaryFolder();
  const secrets = join(preparedCompose().folder, 'secrets');
  for (const file of ['tls.crt', 'tls.key']) copyFileSync(join(secrets, file), join(folder, file));
  const ports = { plain: await freePort(), tls: await freePort() };
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, localConfiguration(nginx, folder, replicas, ports));
  const args = ['-p', folder, '-c', path, '-e', 'stderr', '-g', 'daemon off;'];
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, nobody, nobody);
  const command = isRoot
    ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', nginx, ...args]
    : [nginx, ...args];
  const child = spawn(command[0]!, command.slice(1), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = once(child, 'close');
  const ended = exited.then(([code]) => {
    throw new Error(`nginx ended with ${code}: ${said}`);
  });
  ended.catch(() => {});
  const plainUrl = `http://localhost:${ports.plain}`;
  const answers = async () => {
    for (;;) {
      const answer = await fetch(plainUrl, { redirect: 'manual' }).catch(() => undefined);
      if (answer) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.race([answers(), ended]);
  return {
    url: `https://localhost:${ports.tls}`,
    plainUrl,
    ca: readFileSync(join(folder, 'tls.crt'), 'utf8'),
    /** What it said of faults. */
    said: () => said,
    /** What was passed on and is over. */
    passed(): Passed[] {
      const lines = readFileSync(join(folder, 'access.log'), 'utf8').split('\n').slice(0, -1);
      return lines.map((line) => {
        const [requestId = '', tried = '', status, target = ''] = line.split('|');
        return { requestId, tried: tried.split(', '), status: Number(status), target };
      });
    },
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Debian's user for those who own nothing. */
const nobody = 65534;

export type Nginx = Awaited<ReturnType<typeof startNginx>>;
