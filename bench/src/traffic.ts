/** What is asked and what the mock answers, in one place, so that the load generator can check every answer. */

export type Dialect = 'openai' | 'anthropic';

/** How many events the mock streams and how far apart; `paceMs` 0 is one turn of the mock's event loop. */
export interface Pace {
  paceMs: number;
  events: number;
}

export interface Question {
  dialect: Dialect;
  model: string;
  /** Absent asks for one JSON answer. */
  stream?: Pace;
  /** Every request of a batch says something else, so that no cache can know it. */
  distinct?: boolean;
  /** Puts a document of about so many tokens before the conversation. */
  documentTokens?: number;
}

/** The events of a stream that are not text: the mock's opening, closing and usage events. */
const framingEvents: Record<Dialect, number> = { openai: 3, anthropic: 6 };

const sentence =
  'A gateway takes one request, finds the cheapest model that can answer it, and passes the answer on while it is ' +
  'still being written, so that the reader waits for the model and never for the road between them.';
const words = sentence.split(' ').map((word) => ` ${word}`);

/** The path of a dialect's chat call, below the server's base. */
export function pathOf(dialect: Dialect): string {
  return dialect === 'openai' ? '/v1/chat/completions' : '/v1/messages';
}

/** Where a distinct question holds its number, as ten characters. */
export const numberMark = '##########';

/** A chat request body of about 1 KB, without a document: a system prompt, a short conversation and the usual sampling fields. */
export function questionBody({ dialect, model, stream, distinct, documentTokens }: Question): string {
  const system =
    'You are the assistant of a small company that sells bicycles. Answer briefly, in plain words, and say so when you ' +
    'do not know. Prices are in euros and include tax. Never promise a delivery date that the stock list does not show.';
  const messages = [
    ...(documentTokens ? [{ role: 'user', content: documentOf(documentTokens) }] : []),
    {
      role: 'user',
      content: 'Good morning! My commute is eleven kilometres, with one long hill. What would you ride?',
    },
    {
      role: 'assistant',
      content: 'For that distance and a hill I would look at a light city bike with eight gears, or at an e-bike.',
    },
    { role: 'user', content: 'I do not want to charge anything. Which of your city bikes is the lightest?' },
    { role: 'assistant', content: 'The Lark, at 11.2 kg with mudguards and lights. It costs 890 euros.' },
    {
      role: 'user',
      content: `And how does its gearing compare with the Heron on a climb?${paceMark(stream)}${distinct ? ` (${numberMark})` : ''}`,
    },
  ];
  const sampling = { temperature: 0.7, max_tokens: 512 };
  if (dialect === 'anthropic') {
    return JSON.stringify({ model, system, messages, ...sampling, ...(stream && { stream: true }) });
  }
  return JSON.stringify({
    model,
    messages: [{ role: 'system', content: system }, ...messages],
    ...sampling,
    top_p: 0.95,
    user: 'customer-4711',
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  });
}

/** English text of about so many tokens, at four characters a token. */
function documentOf(tokens: number): string {
  return `${sentence} `.repeat(Math.ceil((tokens * 4) / (sentence.length + 1)));
}

/** The pace that a question asks for. It rides in the text, which every gateway carries whatever it does to the rest. */
export function paceOf(body: string): Pace {
  const mark = /\[pace (\d+) ms, (\d+) events\]/.exec(body);
  return mark ? { paceMs: Number(mark[1]), events: Number(mark[2]) } : { paceMs: 0, events: 60 };
}

function paceMark(pace: Pace | undefined): string {
  return pace ? ` [pace ${pace.paceMs} ms, ${pace.events} events]` : '';
}

/** The text of the JSON answer. */
export const jsonReply = `${sentence} ${sentence}`;

/** The text that a stream of so many events of the upstream's wire adds up to. */
export function streamReply(upstream: Dialect, events: number): string {
  return textDeltas(upstream, events).join('');
}

function textDeltas(upstream: Dialect, events: number): string[] {
  return Array.from({ length: events - framingEvents[upstream] }, (_, index) => words[index % words.length]!);
}

/** One JSON answer of about 1 KB, as the OpenAI chat wire writes it. */
export function openaiAnswer(): string {
  return JSON.stringify({
    id: 'chatcmpl-BzVtq0PqYw3XGkWc7fNn2sLh9aUe1',
    object: 'chat.completion',
    created: 1760000000,
    model: 'tiny-2025-10-01',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: jsonReply, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 212,
      completion_tokens: 74,
      total_tokens: 286,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0 },
    },
    service_tier: 'default',
    system_fingerprint: 'fp_5d2c9a7e10',
  });
}

/** The OpenAI chat stream: role, text, finish and usage. `[DONE]` leaves together with the last of the events. */
export function openaiEvents(events: number): string[] {
  const frame = (choices: unknown[], usage: unknown = null) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-BzVtq0PqYw3XGkWc7fNn2sLh9aUe1',
      object: 'chat.completion.chunk',
      created: 1760000000,
      model: 'tiny-2025-10-01',
      service_tier: 'default',
      system_fingerprint: 'fp_5d2c9a7e10',
      choices,
      usage,
    })}\n\n`;
  const choice = (delta: object, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ];
  const usage = { prompt_tokens: 212, completion_tokens: events - framingEvents.openai, total_tokens: 209 + events };
  return [
    frame(choice({ role: 'assistant', content: '', refusal: null })),
    ...textDeltas('openai', events).map((content) => frame(choice({ content }))),
    frame(choice({}, 'stop')),
    `${frame([], usage)}data: [DONE]\n\n`,
  ];
}

/** The Anthropic Messages stream: start, one text block, a ping as the service sends it, and the end with usage. */
export function anthropicEvents(events: number): string[] {
  const frame = (data: { type: string; [field: string]: unknown }) =>
    `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  return [
    frame({
      type: 'message_start',
      message: {
        id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
        type: 'message',
        role: 'assistant',
        model: 'claude-tiny',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 212, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
      },
    }),
    frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    frame({ type: 'ping' }),
    ...textDeltas('anthropic', events).map((text) =>
      frame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    ),
    frame({ type: 'content_block_stop', index: 0 }),
    frame({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: events - framingEvents.anthropic },
    }),
    frame({ type: 'message_stop' }),
  ];
}

/** One JSON answer as the Anthropic Messages wire writes it. */
export function anthropicAnswer(): string {
  return JSON.stringify({
    id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
    type: 'message',
    role: 'assistant',
    model: 'claude-tiny',
    content: [{ type: 'text', text: jsonReply }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 212, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 74 },
  });
}
