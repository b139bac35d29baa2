import { expect, test } from 'bun:test';
import { hideSecrets } from './hide-secrets.ts';

test('the credential and what the headers hold are hidden, with and without their scheme', () => {
  const headers = {
    authorization: 'Bearer sk-secret-1',
    'x-team-token': 'team-token-2',
    'content-type': 'application/json',
  };
  expect(
    hideSecrets(
      'Incorrect key Bearer sk-secret-1, sk-secret-1 or team-token-2 for application/json',
      'sk-secret-1',
      headers,
    ),
  ).toBe('Incorrect key [hidden], [hidden] or [hidden] for application/json');
});

test('a secret that holds another is hidden whole', () => {
  expect(hideSecrets('key-12345678-long and key-12345678', 'key-12345678', { 'x-key': 'key-12345678-long' })).toBe(
    '[hidden] and [hidden]',
  );
});

test('short words and empty credentials hide nothing', () => {
  expect(hideSecrets('a true answer', '', { 'x-flag': 'true', 'x-empty': '' })).toBe('a true answer');
});
