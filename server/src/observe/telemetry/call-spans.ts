import type { AttemptStep, CallTrace, TraceStep } from '../../core/call-trace.ts';
import { nanosToUsd } from '../../core/money.ts';
import { totalInput, totalOutput } from '../../core/usage.ts';
import type { CallRow } from '../../ledger/call-row.ts';
import { attributesOf, type KeyValue, nanosOf, type OtlpSpan, spanKinds, statusError } from './otlp.ts';

/** A call that is over. */
export interface EndedCall {
  row: CallRow;
  trace: CallTrace;
  /** The monotonic clock at arrival, milliseconds: the row has the wall clock's. */
  startedMs: number;
}

/** The kinds of providers that the conventions have a name for (`gen_ai.provider.name`); others go by their kind, or their own id. */
const conventionalNames: Record<string, string> = {
  gemini: 'gcp.gemini',
  bedrock: 'aws.bedrock',
  'azure-openai': 'azure.ai.openai',
  mistral: 'mistral_ai',
};
const byId: ReadonlySet<string> = new Set(['openai-compatible', 'ai-sdk']);

/** These only look on: their spans would say nothing. */
const without: ReadonlySet<string> = new Set(['traceCalls', 'recordCall', 'logPrompts', 'traceContent']);

export type ProviderKindOf = (provider: string) => string | undefined;

export const providerName = (provider: string, kindOf: ProviderKindOf): string => {
  const kind = kindOf(provider);
  return kind === undefined || byId.has(kind) ? provider : (conventionalNames[kind] ?? kind);
};

const operationName = (operation: string): string => (operation === 'count-tokens' ? 'count_tokens' : operation);

/**
 * The spans of one call, its own first: below it its policies, its routing, and a client span for each try at a provider, which alone
 * carries what the conventions say of generative AI (https://github.com/open-telemetry/semantic-conventions-genai), so that
 * tokens are counted once.
 */
export function spansOf({ row, trace, startedMs }: EndedCall, kindOf: ProviderKindOf): OtlpSpan[] {
  const wallMs = row.at - startedMs;
  const endMs = startedMs + row.latencyMs;
  const at = (ms: number) => nanosOf(wallMs + ms);
  // The low byte is W3C's, bit 8 says that it is known whether the parent is elsewhere, and bit 9 that it is.
  const flags = 0x101;

  const child = (step: TraceStep, kind: number, attributes: KeyValue[], error?: string): OtlpSpan => ({
    traceId: trace.traceId,
    spanId: step.spanId,
    parentSpanId: trace.spanId,
    name: step.name,
    kind,
    startTimeUnixNano: at(step.startMs),
    endTimeUnixNano: at(step.endMs ?? endMs),
    attributes,
    ...(error !== undefined && { status: { code: statusError, message: error } }),
    flags,
  });

  const failed = row.outcome === 'failed';
  const root: OtlpSpan = {
    traceId: trace.traceId,
    spanId: trace.spanId,
    ...(trace.parent?.state !== undefined && { traceState: trace.parent.state }),
    ...(trace.parent && { parentSpanId: trace.parent.spanId }),
    name: `gateway ${operationName(row.operation)}`,
    kind: trace.served ? spanKinds.server : spanKinds.internal,
    startTimeUnixNano: nanosOf(row.at),
    endTimeUnixNano: at(endMs),
    attributes: rootAttributes(row, trace),
    ...(failed && { status: { code: statusError, message: row.errorCode ?? '' } }),
    flags: trace.parent ? 0x301 : flags,
  };
  const spans = [root];
  for (const step of trace.steps) {
    if (without.has(step.name)) continue;
    spans.push(
      child(
        { ...step, name: `policy ${step.name}` },
        spanKinds.internal,
        attributesOf({ 'sluice.policy': step.name, 'sluice.policy.ended_call': step.endMs === undefined || undefined }),
      ),
    );
  }
  for (const step of trace.routes)
    spans.push(
      child(
        step,
        spanKinds.internal,
        attributesOf({ 'sluice.route': step.reason, 'sluice.route.candidates': step.candidates }),
      ),
    );
  for (const step of trace.attempts)
    spans.push(
      child(
        { ...step, name: `${operationName(row.operation)} ${step.upstream}` },
        spanKinds.client,
        attemptAttributes(step, row, trace, kindOf),
        step.error,
      ),
    );
  return spans;
}

const rootAttributes = (row: CallRow, trace: CallTrace): KeyValue[] =>
  attributesOf({
    'sluice.request.id': row.requestId,
    'sluice.dialect': row.dialect,
    'sluice.operation': row.operation,
    'sluice.stream': row.stream,
    'sluice.outcome': row.outcome ?? undefined,
    'sluice.model.asked': row.modelAsked,
    'sluice.model.used': row.modelUsed ?? undefined,
    'sluice.provider': row.provider ?? undefined,
    'sluice.route': row.route ?? undefined,
    'sluice.attempts': trace.attempts.length,
    'sluice.cache': row.cache ?? undefined,
    'sluice.losses': row.losses ?? undefined,
    'sluice.cost.usd': row.costNanos == null ? undefined : nanosToUsd(row.costNanos),
    'sluice.saved.usd':
      row.costNanos == null || row.baselineNanos == null ? undefined : nanosToUsd(row.baselineNanos - row.costNanos),
    'sluice.key.id': row.keyId,
    'sluice.organisation.id': row.organisationId,
    'sluice.team.id': row.teamId ?? undefined,
    'sluice.user.id': row.userId ?? undefined,
    'sluice.tags': row.tags && row.tags.length > 0 ? row.tags : undefined,
    'http.response.status_code': trace.served ? row.status : undefined,
    'error.type': row.errorCode ?? undefined,
  });

function attemptAttributes(step: AttemptStep, row: CallRow, trace: CallTrace, kindOf: ProviderKindOf): KeyValue[] {
  const { usage } = step;
  const answered = step.firstFrameMs !== undefined;
  const content = trace.contents.find(({ attempt }) => attempt === step.spanId);
  return attributesOf({
    'gen_ai.operation.name': operationName(row.operation),
    'gen_ai.provider.name': providerName(step.provider, kindOf),
    'gen_ai.request.model': step.upstream,
    'gen_ai.request.stream': row.stream || undefined,
    'gen_ai.response.model': answered ? step.upstream : undefined,
    'gen_ai.response.finish_reasons':
      step.finish !== undefined ? [step.finish] : answered && step.error !== undefined ? ['error'] : undefined,
    'gen_ai.response.time_to_first_chunk': row.stream && answered ? step.firstFrameMs! / 1000 : undefined,
    'gen_ai.usage.input_tokens': usage && totalInput(usage),
    'gen_ai.usage.output_tokens': usage && row.operation === 'chat' ? totalOutput(usage) : undefined,
    'gen_ai.usage.cache_read.input_tokens': usage?.cacheRead || undefined,
    'gen_ai.usage.cache_write.input_tokens': (usage && usage.cacheWrite + usage.cacheWrite1h) || undefined,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoning || undefined,
    'gen_ai.usage.audio.input_tokens': usage?.audioInput || undefined,
    'gen_ai.usage.audio.output_tokens': usage?.audioOutput || undefined,
    'gen_ai.input.messages': content?.input,
    'gen_ai.output.messages': content?.output,
    'sluice.model': step.model,
    'sluice.provider': step.provider,
    'sluice.usage.estimated': usage?.estimated || undefined,
    'http.response.status_code': step.status,
    'error.type': step.error,
  });
}
