import { expect, test } from 'bun:test';
import { callContext, frameOf } from '../../../test/support/calls.ts';
import { CallAbort } from '../../core/call-abort.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { Flight } from './flight.ts';

const gone = () => new SluiceError('client_closed', 'gone');

/** A provider that gives a frame whenever it is told to, and says what became of it. */
function provider() {
  const state = { asked: 0, ended: '' };
  let tell = Promise.withResolvers<string | undefined>();
  async function* begin(context: { abort: CallAbort }): Frames {
    try {
      for (;;) {
        state.asked += 1;
        const letGo = context.abort.onAbort((reason) => tell.reject(reason));
        const text = await tell.promise;
        letGo();
        tell = Promise.withResolvers();
        if (text === undefined) break;
        yield frameOf(text);
      }
      state.ended = 'whole';
    } catch (error) {
      state.ended = 'aborted';
      throw error;
    } finally {
      state.ended ||= 'left';
    }
  }
  return { state, begin, say: (text?: string) => tell.resolve(text) };
}

function fly(maxHeldBytes = 1000) {
  const upstream = provider();
  const told = { closed: 0, whole: [] as (readonly Frame[])[] };
  const flight = new Flight({
    context: callContext(),
    begin: upstream.begin,
    maxHeldBytes,
    onWhole: (frames) => told.whole.push(frames),
    onClosed: () => {
      told.closed += 1;
    },
  });
  return { ...upstream, told, flight, read: (abort = new CallAbort()) => flight.read(abort) };
}

const textOf = (next: IteratorResult<Frame, void>) =>
  next.done ? undefined : new TextDecoder().decode(next.value.bytes);

test('who comes late gets what was seen so far, then what comes', async () => {
  const { read, say, told } = fly();
  const first = read();
  const one = first.next();
  say('one');
  expect(textOf(await one)).toBe('one');
  const late = read();
  expect(textOf(await late.next())).toBe('one');
  const both = [first.next(), late.next()];
  say('two');
  expect((await Promise.all(both)).map(textOf)).toEqual(['two', 'two']);
  const ends = [late.next(), first.next()];
  say();
  expect((await Promise.all(ends)).map(({ done }) => done)).toEqual([true, true]);
  expect(told.whole).toHaveLength(1);
  expect(told.closed).toBe(1);
});

test('a provider is not asked for more than somebody wants', async () => {
  const { read, say, state } = fly();
  const only = read();
  const one = only.next();
  say('one');
  await one;
  await Promise.resolve();
  expect(state.asked).toBe(1);
});

test('a reader who gives up leaves the others alone, and the last one ends the call', async () => {
  const { read, say, state, flight } = fly();
  const abort = new CallAbort();
  const first = read(abort);
  const second = read();
  const waiting = [first.next(), second.next()] as const;
  say('one');
  await Promise.all(waiting);
  const lost = second.next();
  const gaveUp = first.next();
  abort.abort(gone());
  say('two');
  expect(textOf(await lost)).toBe('two');
  await expect(gaveUp).rejects.toThrow('gone');
  expect(state.ended).toBe('');
  await second.return();
  await flight.over;
  expect(state.ended).toBe('left');
});

test('a reader alone who gives up while the provider thinks stops the provider', async () => {
  const { read, state, told } = fly();
  const abort = new CallAbort();
  const waiting = read(abort).next();
  abort.abort(gone());
  await expect(waiting).rejects.toThrow('gone');
  expect(state.ended).toBe('aborted');
  expect(told).toMatchObject({ closed: 1, whole: [] });
});

test('an answer that is too long to hold is not kept, and nobody joins it', async () => {
  const { read, say, told } = fly(10);
  const only = read();
  for (const text of ['123456', '789012', 'end']) {
    const next = only.next();
    say(text);
    expect(textOf(await next)).toBe(text);
  }
  expect(told.closed).toBe(1);
  const end = only.next();
  say();
  expect((await end).done).toBe(true);
  expect(told.whole).toEqual([]);
});
