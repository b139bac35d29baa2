import { isObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { isChatGpt, readChatGpt } from './chatgpt.ts';
import type { ImportedConversation } from './imported.ts';
import { isOpenWebUi, readOpenWebUi } from './open-webui.ts';
import { exportedSchema, readOwn } from './own.ts';

/**
 * Reads conversations from a file: this server's own export, ChatGPT's `conversations.json`, or Open WebUI's. Those without a
 * message are left out. Throws `invalid_request` when it is none of them.
 */
export function readImport(value: unknown, now: Date): ImportedConversation[] {
  const list =
    isObject(value) && Array.isArray(value.conversations)
      ? value.conversations
      : Array.isArray(value)
        ? value
        : [value];
  const read = list.map((each, at) => readOne(each, at, now));
  return read.filter(({ messages }) => messages.length > 0);
}

function readOne(value: unknown, at: number, now: Date): ImportedConversation {
  if (isChatGpt(value)) return readChatGpt(value, now);
  if (isOpenWebUi(value)) return readOpenWebUi(value, now);
  const own = exportedSchema.safeParse(value);
  if (own.success) return readOwn(own.data);
  throw invalidRequest(
    `Conversation ${at + 1} of the file is in no form that is known: this server's own export, ChatGPT's conversations.json and Open WebUI's export are.`,
  );
}
