import type { ModelCall } from '../../core/call.ts';
import type { TokenCount } from '../../core/count-tokens.ts';
import type { JsonObject } from '../../core/json.ts';
import { parseCountRequest } from '../../wire/anthropic-messages/index.ts';
import { countTokensRequest } from '../../wire/gemini/index.ts';
import { answerHeaders } from './answer-headers.ts';
import { handleCall } from './chat.ts';
import type { GatewayDeps } from './deps.ts';
import { onlyFrame } from './only-frame.ts';

type CountCall = Extract<ModelCall, { operation: 'count-tokens' }>;

/** `POST /v1/messages/count_tokens` and `POST …/models/{model}:countTokens`. */
export function handleCountTokens(
  request: Request,
  deps: GatewayDeps,
  dialect: CountCall['dialect'] & ('anthropic-messages' | 'gemini'),
  model?: string,
): Promise<Response> {
  return handleCall<CountCall>(request, deps, {
    dialect,
    operation: 'count-tokens',
    model,
    build(body, _principal, passHeaders) {
      const chat =
        dialect === 'gemini' ? countTokensRequest(body.value, { model: model ?? '' }) : parseCountRequest(body.value);
      return {
        operation: 'count-tokens',
        dialect,
        model: chat.model,
        stream: false,
        request: chat,
        raw: body,
        passHeaders,
      };
    },
    async respond(call, open, _body, ended) {
      const { bytes } = await onlyFrame(deps.run(call, open.context));
      const { tokens, cachedTokens } = JSON.parse(new TextDecoder().decode(bytes)) as TokenCount;
      const cached = cachedTokens === undefined ? {} : { cachedContentTokenCount: cachedTokens };
      const body: JsonObject = dialect === 'gemini' ? { totalTokens: tokens, ...cached } : { input_tokens: tokens };
      open.close();
      ended(200);
      return Response.json(body, { headers: answerHeaders(open.context) });
    },
  });
}
