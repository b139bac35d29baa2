import { expect, test } from 'bun:test';
import { startServer } from '../../../server/test/support/server-process.ts';
import { runCli } from '../../test/run-cli.ts';

test('setup makes the first person, who then logs in, and says so when it was done before', async () => {
  const server = startServer();
  try {
    const url = await server.url;
    await server.ready();
    while (!/--token setup_/.test(server.said.out)) await new Promise((resolve) => setTimeout(resolve, 20));
    const [, token = ''] = /--token (setup_\w+)/.exec(server.said.out)!;
    const line = (given: string) => [
      'setup',
      '--token',
      given,
      '--name',
      'Ada',
      '--email',
      'ada@example.com',
      '--url',
      url,
    ];
    const run = (given: string) => runCli(line(given), { input: 'correct horse battery\n' });

    const wrong = await run('setup_wrong');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('not the setup token');
    expect(wrong.stderr).not.toContain('The key was taken from');
    expect((await runCli(['setup', '--name', 'Ada', '--url', url])).code).toBe(2);

    expect(await run(token)).toMatchObject({ code: 0, stderr: '' });
    const login = await fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery' }),
    });
    expect(login.status).toBe(200);
    expect((await run(token)).stderr).toContain('set up already');

    const environment = { SLUICE_URL: url, SLUICE_ADMIN_KEY: 'an-admin-key-for-the-tests' };
    const listed = await runCli(['sessions', 'list', '--json'], { environment });
    const [session] = JSON.parse(listed.stdout) as { id: string }[];
    expect((await runCli(['sessions', 'list'], { environment })).stdout).toContain(session!.id);
    expect(await runCli(['sessions', 'end', session!.id], { environment })).toMatchObject({ code: 0 });
    expect((await runCli(['sessions', 'list'], { environment })).stdout).toContain('Nobody is logged in.');
  } finally {
    await server.end('SIGTERM');
  }
}, 60_000);
