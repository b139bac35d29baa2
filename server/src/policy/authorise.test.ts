import { expect, test } from 'bun:test';
import { callContext, chatCall, frameOf } from '../../test/support/calls.ts';
import { principal } from '../../test/support/principals.ts';
import { builtInRoles } from '../core/principal.ts';
import { authoriseCall, matchesModel } from './authorise.ts';

const next = async function* () {
  yield frameOf('ok');
};
const ask = (model: string, models: string[] | undefined, isWritable = true) =>
  authoriseCall({ ledger: { isWritable: () => isWritable } })(
    chatCall({ model }),
    callContext({ principal: principal({ keyName: 'ci', models }) }),
    next,
  );

test('a key without a list may use every model', async () => {
  expect((await ask('any/model', undefined).next()).done).toBe(false);
});

test('a key with a list may use what stands in it, and what begins like an entry with a star', () => {
  const patterns = ['mock/tiny', 'claude/*', 'auto'];
  for (const model of ['mock/tiny', 'claude/big', 'claude/', 'auto']) expect(matchesModel(patterns, model)).toBe(true);
  for (const model of ['mock/tiny2', 'mock/Tiny', 'mock', 'claude', 'xclaude/big', 'auto-flash', '', '*'])
    expect(matchesModel(patterns, model)).toBe(false);
  expect(matchesModel(['*'], 'anything')).toBe(true);
  expect(matchesModel([], 'anything')).toBe(false);
});

test('another model is refused before it is called, with what the key may use', () => {
  expect(() => ask('gpt-5', ['mock/*'])).toThrow('The key "ci" may not use the model "gpt-5". It may use mock/*.');
});

test('who may call no model is refused, whatever models the key names', () => {
  const viewer = principal({
    keyName: 'eyes',
    role: 'viewer',
    permissions: new Set(builtInRoles.viewer),
    models: ['m'],
  });
  const call = () =>
    authoriseCall({ ledger: { isWritable: () => true } })(
      chatCall({ model: 'm' }),
      callContext({ principal: viewer }),
      next,
    );
  expect(call).toThrow('"eyes" (role viewer) lacks the permission models:use');
});

test('while costs cannot be written down no call is made', () => {
  expect(() => ask('mock/tiny', undefined, false)).toThrow(/ledger cannot be written/);
});
