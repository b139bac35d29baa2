import { createServer } from 'node:net';
import type { Settings } from '../../config/settings.ts';
import { type Finding, fail, ok, saidBy } from './finding.ts';

const answerMs = 3000;

/** Whether the server could listen, or does. */
export async function checkPort({ host, port }: Settings): Promise<Finding[]> {
  const fault = await listen(host, port);
  const where = `${host}:${port}`;
  if (!fault) return [ok('port', `${where} is free: no server runs there.`)];
  if (fault.code !== 'EADDRINUSE')
    return [
      fail('port', `${where} cannot be listened on: ${saidBy(fault)}`, 'Set HOST and PORT to what this machine has.'),
    ];
  const url = `http://${reachable(host)}:${port}`;
  if (!(await says(`${url}/health`, '"ok"')))
    return [fail('port', `Another program has ${where}.`, 'Stop it, or set PORT to another port.')];
  return (await says(`${url}/ready`))
    ? [ok('port', `Sluice runs at ${url} and is ready.`)]
    : [
        fail(
          'port',
          `Sluice runs at ${url} and is not ready: it is starting or stopping, or its database does not answer.`,
          'Look at its log.',
        ),
      ];
}

function listen(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** An address that stands for all of them is reached through the loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function says(url: string, text = ''): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerMs) });
    return response.ok && (await response.text()).includes(text);
  } catch {
    return false;
  }
}
