import { expect, test } from 'bun:test';
import { watchProviders } from './watch-providers.ts';

function setUp(settings: { failures: number; afterSeconds: number }) {
  const clock = { ms: 0 };
  const fired: string[] = [];
  const resolved: string[] = [];
  const providers = watchProviders({
    settings: () => settings,
    center: { fire: ({ key }) => fired.push(key), resolve: (key) => resolved.push(key) },
    instance: 'here',
    nowMs: () => clock.ms,
  });
  return { clock, fired, resolved, ...providers };
}

test('so many failures in a row, over so long, are a provider that is down', () => {
  const { clock, fired, resolved, attempted } = setUp({ failures: 3, afterSeconds: 60 });
  for (const ms of [0, 1000, 2000, 59_999]) {
    clock.ms = ms;
    attempted('a', 'upstream_timeout');
    attempted('b', 'upstream_timeout');
  }
  expect(fired).toEqual([]);
  attempted('b', 'ok');
  clock.ms = 60_000;
  attempted('a', 'upstream_credential');
  attempted('b', 'upstream_timeout');
  expect(fired).toEqual(['provider:a']);
  attempted('a', 'ok');
  expect(resolved).toContain('provider:a');
});

test('being limited, refused for what was asked, or left by the caller says nothing of the provider', () => {
  const { fired, attempted } = setUp({ failures: 2, afterSeconds: 0 });
  for (const outcome of ['upstream_rate_limited', 'invalid_request', 'client_closed', 'context_window_exceeded'])
    for (let time = 0; time < 5; time++) attempted('a', outcome);
  expect(fired).toEqual([]);
});
