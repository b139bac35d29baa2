import type { ChatCall, ModelCall } from '../../core/call.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { JsonBody } from '../../core/json-scan.ts';
import { modeOf } from '../../core/mode.ts';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest, type SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import type { Dialect } from '../../core/wire-name.ts';
import { errorResponse, errorStatus } from '../error-response.ts';
import { answerHeaders } from './answer-headers.ts';
import type { GatewayDeps } from './deps.ts';
import type { CallOutcome, IdempotentRun } from './idempotency.ts';
import { type OpenCall, openCall, readBody } from './open-call.ts';
import { respondStreamed, respondWhole, type StreamForm } from './respond.ts';

/** What a route knows of its request beyond the body. */
export interface ChatRoute {
  dialect: Dialect;
  /** Gemini: the model and the form of the answer stand in the address. */
  address?: { model: string; stream: boolean };
  streamForm?: StreamForm;
  /** Completes the body before it is parsed (the Responses API prepends what it continues from). */
  complete?: (body: JsonBody, principal: Principal) => Promise<JsonBody>;
  /** The request as its answer echoes it, given the body as it was asked. */
  echoed?: (request: ChatRequest, asked: JsonObject) => ChatRequest;
  /** Looks at the whole answer, streamed or not, before its end leaves. */
  keep?: (call: ChatCall, asked: JsonObject, answer: JsonObject, principal: Principal) => Promise<void>;
}

export interface CallHandling<Call extends ModelCall> {
  dialect: Dialect;
  operation: Call['operation'];
  /** The model, when the address names it. */
  model?: string;
  build(body: JsonBody, principal: Principal, passHeaders: Record<string, string>): Call | Promise<Call>;
  respond(
    call: Call,
    open: OpenCall,
    body: JsonObject,
    ended: (status: number, error?: SluiceError) => void,
  ): Promise<Response>;
}

/** Runs one request of a dialect from the first byte to the Response; every error leaves in the dialect's own form. */
export async function handleCall<Call extends ModelCall>(
  request: Request,
  deps: GatewayDeps,
  handling: CallHandling<Call>,
): Promise<Response> {
  const { dialect, operation, build, respond } = handling;
  let askedModel = handling.model ?? '';
  const wire = deps.wires[dialect];
  const requestId = deps.newId('req_');
  const startedMs = performance.now();
  deps.onBegin();
  let open: OpenCall | undefined;
  let call: Call | undefined;
  let run: IdempotentRun | undefined;
  let outcome: CallOutcome = { status: 200 };
  const ended = (status: number, error?: SluiceError) => {
    outcome = { status, error };
    deps.onEnd({
      requestId,
      dialect,
      operation,
      status,
      context: open?.context,
      error,
      ms: performance.now() - startedMs,
    });
  };
  /** What a retry under the same Idempotency-Key is to get, when there is one. */
  const recorded = (response: Response) => run?.record(response, () => outcome) ?? response;
  try {
    const principal = await deps.identify(request, dialect);
    open = openCall(request, requestId, principal, deps);
    const body = await readBody(request, deps.limits().bodyBytes, open.context.abort);
    const key = request.headers.get('idempotency-key');
    if (key !== null) {
      const opened = await deps.idempotency.open(request, key, principal, body.text);
      if (opened instanceof Response) {
        open.close();
        ended(opened.status);
        return opened;
      }
      run = opened;
    }
    if (!isObject(body.value)) throw invalidRequest('The body must be a JSON object.');
    askedModel ||= typeof body.value.model === 'string' ? body.value.model : '';
    refuseLongName(askedModel);
    call = await build(body, principal, passHeaders(request.headers, dialect));
    const mode = modeOf(request.headers.get('x-sluice-mode'), deps.registry().aliases()[call.model] ?? call.model);
    if (mode !== undefined) call.mode = mode;
    return recorded(await respond(call, open, body.value, ended));
  } catch (thrown) {
    const error = toSluiceError(thrown);
    // A request that never became a call has no policy to record it.
    if (open && !call)
      deps.settle({
        call: { operation, dialect, model: askedModel.slice(0, longestModelName), stream: false },
        context: open.context,
        error,
      });
    open?.close();
    ended(errorStatus(dialect, error), error);
    return recorded(
      errorResponse(wire, error, requestId, open ? answerHeaders(open.context) : { 'x-sluice-request-id': requestId }),
    );
  }
}

const longestModelName = 500;

/** The name goes into the ledger and into error messages, so it may not be as long as a body. */
function refuseLongName(model: string): void {
  if (model.length <= longestModelName) return;
  throw invalidRequest(
    `\`model\` is ${model.length} characters long; a model's name has at most ${longestModelName}. GET /v1/models lists the names.`,
    'model',
  );
}

export function handleChat(request: Request, deps: GatewayDeps, route: ChatRoute): Promise<Response> {
  const { dialect, address, complete, keep } = route;
  const wire = deps.wires[dialect];
  return handleCall<ChatCall>(request, deps, {
    dialect,
    operation: 'chat',
    model: address?.model,
    async build(asked, principal, passHeaders) {
      const body = complete ? await complete(asked, principal) : asked;
      const chat = wire.parseRequest(body.value, address);
      return {
        operation: 'chat',
        dialect,
        model: chat.model,
        stream: chat.stream,
        request: chat,
        raw: body,
        passHeaders,
      };
    },
    respond(call, open, asked, ended) {
      const answering = {
        call,
        echoed: route.echoed ? route.echoed(call.request, asked) : call.request,
        open,
        wire,
        frames: deps.run(call, open.context),
        deps,
        ended,
        streamForm: route.streamForm,
        keep: keep && ((answer: JsonObject) => keep(call, asked, answer, open.context.principal)),
      };
      return call.stream ? respondStreamed(answering) : respondWhole(answering);
    },
  });
}

/** Headers of the caller that mean something to a provider of the same wire. */
const passed: Record<Dialect, readonly string[]> = {
  'openai-chat': ['openai-beta', 'x-client-request-id'],
  'openai-responses': ['openai-beta', 'x-client-request-id'],
  'anthropic-messages': ['anthropic-version', 'anthropic-beta'],
  gemini: [],
};

function passHeaders(headers: Headers, dialect: Dialect): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of passed[dialect]) {
    const value = headers.get(name);
    if (value !== null) kept[name] = value;
  }
  return kept;
}
