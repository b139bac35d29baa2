import type { ModelCall } from '../core/call.ts';
import type { EmbeddingsWire } from '../core/embeddings.ts';
import type { Frame } from '../core/frame.ts';
import { patchMembers } from '../core/json-scan.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { usageOf } from '../core/usage.ts';
import { geminiEmbeddings, isBatch } from '../wire/gemini-embeddings/index.ts';
import { openAiEmbeddings } from '../wire/openai-embeddings/index.ts';
import { type AttemptAt, type CallTargetDeps, lossForbidden } from './call-target.ts';
import { fetchAnswer } from './fetch-answer.ts';
import { JsonFrame, readJson } from './read-json.ts';

type EmbeddingsCall = Extract<ModelCall, { operation: 'embeddings' }>;

const wires: Record<EmbeddingsWire['name'], EmbeddingsWire> = {
  'openai-embeddings': openAiEmbeddings,
  'gemini-embeddings': geminiEmbeddings,
};

/** One frame: the provider's own body. Usage that the provider does not give (Gemini) is estimated from the input. */
export async function* callEmbeddings(
  deps: CallTargetDeps,
  attempt: AttemptAt,
  call: EmbeddingsCall,
): AsyncGenerator<Frame, void, undefined> {
  const { provider, target, credential, context } = attempt;
  const { request, raw } = call;
  if (!provider.embeddings) {
    throw new SluiceError(
      'unsupported_capability',
      `${provider.id} makes no embeddings. Choose an embedding model of another provider.`,
      { param: 'model' },
    );
  }
  const wire = wires[provider.embeddings];
  const upstream = target.deployment.upstream;
  let body: string;
  // Google's batch names the model in every item, by the caller's name for it: that body is built anew.
  if (raw && request.dialect === 'openai' && wire.name === 'openai-embeddings') {
    body = patchMembers(raw, { model: upstream });
  } else {
    const built = wire.buildRequest(request, upstream);
    if (context.strict && built.losses.length > 0) throw lossForbidden(target, built.losses);
    context.facts.losses = built.losses;
    body = JSON.stringify(built.body);
  }
  const { answerMs, idleMs } = deps.limits();
  const answer = await fetchAnswer(
    deps,
    attempt,
    wire,
    {
      operation: 'embeddings',
      wire: wire.name,
      upstream,
      stream: false,
      batch: isBatch(request),
      body,
      credential,
      passHeaders: call.passHeaders,
    },
    { firstByteMs: provider.firstByteMs ?? answerMs, idleMs },
  );
  context.facts.wire = wire.name;
  const { bytes, value } = await readJson(answer);
  const { usage } = wire.parseAnswer(value, request.inputs.length);
  context.facts.usage = usage ?? usageOf({ input: estimateInputs(call), estimated: true });
  yield new JsonFrame(wire.name, bytes, () => []);
}

const charactersPerToken = 4;

function estimateInputs({ request }: EmbeddingsCall): number {
  let tokens = 0;
  for (const input of request.inputs)
    tokens += typeof input === 'string' ? Math.ceil(input.length / charactersPerToken) : input.length;
  return tokens;
}
