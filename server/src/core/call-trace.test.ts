import { expect, test } from 'bun:test';
import { CallTrace, isSampled, newTraceId, parseTraceParent } from './call-trace.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a traceparent is read as the W3C says', () => {
  expect(parseTraceParent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, sampled: true });
  expect(parseTraceParent(`00-${traceId}-${spanId}-00`, 'a=1')).toEqual({
    traceId,
    spanId,
    sampled: false,
    state: 'a=1',
  });
  // A later version may say more.
  expect(parseTraceParent(`cc-${traceId}-${spanId}-03-more`)).toEqual({ traceId, spanId, sampled: true });
});

test.each([
  null,
  '',
  'nonsense',
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-01-more`,
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}-01\r\nx-injected: 1`,
])('what is none begins a new trace: %p', (header) => {
  expect(parseTraceParent(header)).toBeUndefined();
});

test('a state that is too long is left out, and the trace goes on', () => {
  expect(parseTraceParent(`00-${traceId}-${spanId}-01`, 'x'.repeat(513))).toEqual({ traceId, spanId, sampled: true });
});

test('the share of traces that is kept is the one that was asked for, and the same id has the same fate', () => {
  const ids = Array.from({ length: 4000 }, newTraceId);
  expect(new Set(ids).size).toBe(4000);
  const kept = ids.filter((id) => isSampled(id, 0.25)).length;
  // Six standard deviations: one run in half a billion is out of it.
  expect(Math.abs(kept - 1000)).toBeLessThan(6 * Math.sqrt(4000 * 0.25 * 0.75));
  expect(ids.every((id) => isSampled(id, 1) && !isSampled(id, 0))).toBe(true);
  expect(ids.filter((id) => isSampled(id, 0.1) && !isSampled(id, 0.25))).toEqual([]);
});

test('a provider is told of the trace only where it may be', () => {
  const headersOf = (propagation: 'none' | 'local' | 'all', local: boolean) =>
    new CallTrace(true, { traceId }, propagation, true).headersTo(local)?.traceparent?.slice(0, 35);
  const header = `00-${traceId}`;
  expect([headersOf('none', true), headersOf('local', false)]).toEqual([undefined, undefined]);
  expect([headersOf('local', true), headersOf('all', false), headersOf('all', true)]).toEqual([header, header, header]);
});
