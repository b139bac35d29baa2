import type { JsonObject } from '../../core/json.ts';

/** The items of a Response's `output`, as the whole answer and the stream's end both show them. */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export const messageItem = (id: string, status: ItemStatus, content: JsonObject[]): JsonObject => ({
  id,
  type: 'message',
  status,
  content,
  role: 'assistant',
});

export const outputText = (text: string, annotations: JsonObject[], logprobs: JsonObject[]): JsonObject => ({
  type: 'output_text',
  annotations,
  logprobs,
  text,
});

export const refusalContent = (refusal: string): JsonObject => ({ type: 'refusal', refusal });

export const summaryText = (text: string): JsonObject => ({ type: 'summary_text', text });

/** Thinking is shown as a summary: callers know `summary`, and few look for the thinking itself in `content`. */
export const reasoningItem = (id: string, text: string, encrypted: string | undefined): JsonObject => ({
  id,
  type: 'reasoning',
  summary: text === '' ? [] : [summaryText(text)],
  ...(encrypted !== undefined && { encrypted_content: encrypted }),
});

export const callItem = (
  id: string,
  callId: string,
  name: string,
  argumentsText: string,
  status: ItemStatus,
): JsonObject => ({ id, type: 'function_call', status, arguments: argumentsText, call_id: callId, name });

/** An image that a model made as part of its answer stands where the image tool's would. */
export const imageItem = (id: string, mediaType: string, data: string): JsonObject => ({
  id,
  type: 'image_generation_call',
  status: 'completed',
  output_format: mediaType.replace('image/', ''),
  result: data,
});

/** Gives the last item the status of an answer that was cut off, when it can have one: a message or a call. */
export function markCut(output: JsonObject[]): void {
  const last = output.at(-1);
  if (last?.type === 'message' || last?.type === 'function_call') {
    output[output.length - 1] = { ...last, status: 'incomplete' satisfies ItemStatus };
  }
}
