import type { ModelCall } from '../../core/call.ts';
import type { EmbeddingsDialect, EmbeddingsWire } from '../../core/embeddings.ts';
import { geminiEmbeddings } from '../../wire/gemini-embeddings/index.ts';
import { openAiEmbeddings } from '../../wire/openai-embeddings/index.ts';
import { answerHeaders } from './answer-headers.ts';
import { handleCall } from './chat.ts';
import type { GatewayDeps } from './deps.ts';
import { onlyFrame } from './only-frame.ts';

type EmbeddingsCall = Extract<ModelCall, { operation: 'embeddings' }>;

const wires: Record<EmbeddingsDialect, EmbeddingsWire> = { openai: openAiEmbeddings, gemini: geminiEmbeddings };

/** `POST /v1/embeddings`, `:embedContent` and `:batchEmbedContents`. */
export function handleEmbeddings(
  request: Request,
  deps: GatewayDeps,
  dialect: EmbeddingsDialect,
  address?: { model: string; batch: boolean },
): Promise<Response> {
  const wire = wires[dialect];
  const spokenBy = dialect === 'openai' ? 'openai-chat' : 'gemini';
  return handleCall<EmbeddingsCall>(request, deps, {
    dialect: spokenBy,
    operation: 'embeddings',
    model: address?.model,
    build(body, _principal, passHeaders) {
      const embeddings = wire.parseRequest(body.value, address);
      return {
        operation: 'embeddings',
        dialect: spokenBy,
        model: embeddings.model,
        stream: false,
        request: embeddings,
        raw: body,
        passHeaders,
      };
    },
    async respond(call, open, _body, ended) {
      const { facts } = open.context;
      const { bytes, wire: name } = await onlyFrame(deps.run(call, open.context));
      let body: BodyInit = bytes as Uint8Array<ArrayBuffer>;
      if (name !== wire.name) {
        const other = dialect === 'openai' ? geminiEmbeddings : openAiEmbeddings;
        const answer = other.parseAnswer(JSON.parse(new TextDecoder().decode(bytes)), call.request.inputs.length);
        body = JSON.stringify(
          wire.buildAnswer({ ...answer, usage: answer.usage ?? facts.usage }, call.request, facts.model ?? call.model),
        );
      }
      open.close();
      ended(200);
      return new Response(body, { headers: { ...answerHeaders(open.context), 'content-type': 'application/json' } });
    },
  });
}
