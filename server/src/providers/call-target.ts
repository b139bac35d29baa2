import type { CallContext, ChatCall, ModelCall } from '../core/call.ts';
import type { CallAbort } from '../core/call-abort.ts';
import { likelyInputTokens } from '../core/count-tokens.ts';
import type { Frame, Frames } from '../core/frame.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Target } from '../core/target.ts';
import { noUsage, totalInput } from '../core/usage.ts';
import type { Watchdog } from '../core/watchdog.ts';
import type { WireName } from '../core/wire-name.ts';
import type { OutboundWire } from '../wire/wire.ts';
import { applyMode } from './apply-mode.ts';
import { callEmbeddings } from './call-embeddings.ts';
import { countTokensAt } from './count-tokens.ts';
import { fanOut, singleChoiceWires } from './fan-out.ts';
import { fetchAnswer } from './fetch-answer.ts';
import { addsUsage, fitsQuirks, passBody } from './outgoing-body.ts';
import type { Credential, Egress, Provider } from './provider.ts';
import { readJsonAnswer } from './read-json.ts';
import { readStream } from './read-stream.ts';

export interface CallLimits {
  /** To the first byte of a stream. */
  firstByteMs: number;
  /** To the first byte of a JSON answer, which comes when the whole answer is made. */
  answerMs: number;
  idleMs: number;
}

export interface CallTargetDeps {
  provider(id: string): Provider | undefined;
  wires: Record<WireName, OutboundWire>;
  egress: Egress;
  watchdog: Watchdog;
  limits(): CallLimits;
  /** Makes what a provider cannot fetch itself (image addresses) part of the request. */
  inlineMedia(call: ChatCall, provider: Provider, abort: CallAbort): Promise<ChatCall>;
}

/** One attempt: calls the target and gives its frames. Throws SluiceError; before the first frame nothing has reached the caller. */
export type CallTarget = (target: Target, call: ModelCall, context: CallContext) => Frames | Promise<Frames>;

export function createCallTarget(deps: CallTargetDeps): CallTarget {
  return (target, call, context) => {
    const provider = deps.provider(target.deployment.provider);
    const credentials = provider && (context.ownCredentials?.(provider.id) ?? provider.credentials);
    const credential = credentials?.find(({ id }) => id === target.credential);
    if (!provider || !credential) {
      throw new SluiceError('no_target', `The provider ${target.deployment.provider} is no longer configured.`);
    }
    const attempt = { target, provider, credential, context };
    if (call.operation === 'embeddings') return callEmbeddings(deps, attempt, call);
    if (call.operation === 'count-tokens') return countTokensAt(deps, attempt, call);
    return callChat(deps, attempt, call);
  };
}

export interface AttemptAt {
  target: Target;
  provider: Provider;
  credential: Credential;
  context: CallContext;
}

/** No generator itself: one around the stream's own would cost every event turns of the microtask queue. */
async function callChat(deps: CallTargetDeps, attempt: AttemptAt, asked: ChatCall): Promise<Frames> {
  const { target, provider, credential, context } = attempt;
  const { facts } = context;
  const upstream = target.deployment.upstream;
  const sameWire = provider.wires.includes(asked.dialect);
  const wire = deps.wires[sameWire ? asked.dialect : provider.wires[0]!];
  if (asked.request.n > 1 && singleChoiceWires.has(wire.name)) {
    return fanOut(asked, context, wire.name, (one, own) => callChat(deps, { ...attempt, context: own }, one));
  }
  const call = await deps.inlineMedia(applyMode(asked, target.deployment.info, wire.name), provider, context.abort);
  const raw = sameWire && call.raw && fitsQuirks(call.request, call.raw, provider.quirks) ? call.raw : undefined;

  let body: string;
  let usageAdded = false;
  facts.losses = [];
  if (raw) {
    ({ text: body, usageAdded } = passBody(raw, call.request, upstream, provider.quirks));
  } else {
    const { info } = target.deployment;
    const built = wire.buildRequest(
      call.request,
      {
        upstream,
        maxOutputTokens: info.maxOutput,
        reasoning: info.capabilities?.includes('reasoning'),
        temperature: info.capabilities?.includes('temperature'),
      },
      provider.quirks,
    );
    if (context.strict && built.losses.length > 0) throw lossForbidden(target, built.losses);
    facts.losses = built.losses;
    usageAdded = sameWire && addsUsage(call.request, provider.quirks);
    body = JSON.stringify(built.body);
  }
  facts.wire = wire.name;

  const limits = deps.limits();
  const firstByteMs = provider.firstByteMs ?? (call.stream ? limits.firstByteMs : limits.answerMs);
  const answer = await fetchAnswer(
    deps,
    attempt,
    wire,
    {
      operation: 'chat',
      wire: wire.name,
      upstream,
      stream: call.stream,
      body,
      credential,
      passHeaders: sameWire ? call.passHeaders : {},
    },
    { firstByteMs, idleMs: limits.idleMs },
  );

  if (!call.stream) {
    const frame = await readJsonAnswer(wire, answer, context);
    // What another wire will have to say is read now: an answer that cannot be is another target's chance.
    if (!sameWire) frame.events();
    return only(frame);
  }
  return readStream({
    wire,
    framing: provider.framing,
    sameWire,
    dropUsageChunk: usageAdded,
    answer,
    ended: (reading, estimateOutput) => {
      facts.complete = reading.complete && !reading.error;
      if (reading.finish !== undefined) facts.finish = reading.finish;
      if (reading.error) facts.error = reading.error;
      if (reading.usage && (reading.complete || reading.finish !== undefined)) facts.usage = reading.usage;
      else {
        const input = reading.usage && totalInput(reading.usage) > 0 ? {} : { input: likelyInputTokens(call.request) };
        // What a provider tells before its end is a figure so far, and Anthropic's message_start only a placeholder.
        const output = Math.max(reading.usage?.output ?? 0, estimateOutput());
        facts.usage = { ...noUsage, ...reading.usage, ...input, output, estimated: true };
      }
    },
  });
}

async function* only(frame: Frame): Frames {
  yield frame;
}

export function lossForbidden(target: Target, losses: { field: string; reason: string }[]): SluiceError {
  const list = losses.map(({ field, reason }) => `${field} (${reason})`).join(', ');
  return new SluiceError(
    'loss_forbidden',
    `${target.deployment.id} cannot carry ${list}, and the request is strict. Drop these fields, choose another model or leave out x-sluice-strict.`,
  );
}
