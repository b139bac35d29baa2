import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';

/**
 * A function call that is no plain one: made by a program on OpenAI's servers, or of a tool inside a namespace. Only this
 * wire can carry what the provider needs back with its result.
 */
export function isProgramCall(item: JsonObject): boolean {
  const caller = asObject(item.caller)?.type;
  return (caller !== undefined && caller !== 'direct') || typeof item.namespace === 'string';
}

/** The readable text of a reasoning item: the thinking itself where the provider shows it (open models), else its summary. */
export function reasoningText(item: JsonObject): { text: string; summary: boolean } {
  const thinking = textsOf(item.content);
  if (thinking.length > 0) return { text: thinking.join(reasoningBreak), summary: false };
  const summary = textsOf(item.summary);
  return { text: summary.join(reasoningBreak), summary: summary.length > 0 };
}

/** Stands between the parts of a summary when they become one text. */
export const reasoningBreak = '\n\n';

const textsOf = (value: unknown): string[] =>
  asArray(value).flatMap((part) => {
    const text = asString(asObject(part)?.text);
    return text ? [text] : [];
  });

/** Items that the caller gives (results, approvals), against those that the model or OpenAI's servers made. */
export const isCallersItem = (type: string): boolean =>
  type === 'mcp_approval_response' ||
  (type.endsWith('_output') && type !== 'program_output' && type !== 'tool_search_output');
