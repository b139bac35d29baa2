import { expect, test } from 'bun:test';
import { CallAbort } from '../../core/call-abort.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { readBody } from './open-call.ts';

const post = (body: BodyInit) => new Request('http://gateway/', { method: 'POST', body });

test('a body that never ends is given up with the call', async () => {
  const abort = new CallAbort();
  const reading = readBody(post(new ReadableStream()), 1000, abort);
  const over = new SluiceError('upstream_timeout', 'Time is over.');
  abort.abort(over);
  expect(await reading.catch((error) => error)).toBe(over);
});

test('a body that breaks off is a caller who hung up, not a fault of the gateway', async () => {
  const broken = new ReadableStream({
    pull() {
      throw new Error('connection reset');
    },
  });
  const error = await readBody(post(broken), 1000, new CallAbort()).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'client_closed' });
  expect(error.facts.cause).toBeInstanceOf(Error);
});

test('a body of unknown length is read to its end, and no further than the limit', async () => {
  const pieces = (...texts: string[]) => post(new Blob(texts).stream());
  expect((await readBody(pieces('{"a":', '1}'), 7, new CallAbort())).value).toEqual({ a: 1 });
  const error = await readBody(pieces('{"a":', '11}'), 7, new CallAbort()).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'body_too_large', message: expect.stringContaining('7 bytes') });
});
