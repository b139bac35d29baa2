import { defaultOrganisationId } from '../../src/core/principal.ts';
import type { CallRow } from '../../src/ledger/call-row.ts';

let last = 0;

/** A row of the ledger; every one has a request id of its own unless it is given. */
export const callRow = (over: Partial<CallRow> = {}): CallRow => ({
  requestId: `req_${++last}`,
  kind: 'call',
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  keyId: 'key_1',
  keyName: 'a key',
  organisationId: defaultOrganisationId,
  operation: 'chat',
  dialect: 'openai-chat',
  stream: false,
  modelAsked: 'fast',
  modelUsed: 'mock/tiny',
  provider: 'mock',
  wire: 'openai-chat',
  input: 10,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  audioInput: 0,
  output: 5,
  reasoning: 0,
  audioOutput: 0,
  estimated: false,
  costNanos: 1000,
  baselineNanos: 1500,
  latencyMs: 12.5,
  firstTokenMs: 3.25,
  route: 'named',
  attempts: [],
  tags: [],
  outcome: 'ok',
  status: 200,
  ...over,
});
