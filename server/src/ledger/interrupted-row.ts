import type { CallContext, ModelCall } from '../core/call.ts';
import type { CallRow } from './call-row.ts';

export interface OpenedCall {
  call: Pick<ModelCall, 'operation' | 'dialect' | 'model' | 'stream'>;
  context: Pick<CallContext, 'requestId' | 'receivedAt' | 'principal' | 'agentId' | 'tags'>;
  /** The input as it probably is. */
  inputTokens: number;
  /** What that input costs at the dearest place that may answer; null when its price is unknown. */
  inputNanos: number | null;
}

/**
 * The row of a call that the process's death cut off. Charged is the input, which the provider has read; of the answer nobody
 * knows how much there was, and nobody received it whole.
 */
export function interruptedRow({ call, context, inputTokens, inputNanos }: OpenedCall): CallRow {
  const { principal } = context;
  return {
    requestId: context.requestId,
    kind: 'call',
    at: context.receivedAt,
    keyId: principal.keyId,
    keyName: principal.keyName,
    organisationId: principal.organisationId,
    teamId: principal.teamId,
    userId: principal.userId,
    agentId: context.agentId,
    operation: call.operation,
    dialect: call.dialect,
    stream: call.stream,
    modelAsked: call.model,
    input: inputTokens,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWrite1h: 0,
    audioInput: 0,
    output: 0,
    reasoning: 0,
    audioOutput: 0,
    estimated: true,
    costNanos: inputNanos,
    baselineNanos: inputNanos,
    latencyMs: 0,
    attempts: [],
    tags: context.tags,
    outcome: 'failed',
    status: 500,
    errorCode: 'interrupted',
    errorMessage: 'The gateway was killed while this call ran. Its estimated input is charged.',
  };
}
