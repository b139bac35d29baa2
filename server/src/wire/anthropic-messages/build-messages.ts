import type { Message } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { buildBlock, buildContent, buildText } from './build-blocks.ts';
import type { Building } from './building.ts';
import { lose } from './lose.ts';

export interface BuiltMessages {
  system?: string | JsonObject[];
  messages: JsonObject[];
}

interface Turn {
  role: 'user' | 'assistant';
  blocks: JsonObject[];
}

/**
 * The conversation as alternating turns. System and developer messages, wherever they stand, go in order to the top-level
 * `system`, the only place that every model accepts. Tool results lead their user turn, in the order of the calls.
 */
export function buildMessages(building: Building): BuiltMessages {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  for (const message of building.request.messages) {
    if (message.name) lose(building.losses, 'messages[].name', 'Anthropic has no names of speakers');
    if (message.role === 'system' || message.role === 'developer') system.push(...buildSystem(message, building));
    else addTurn(turns, message, building);
  }
  openWithUser(turns, building);
  const messages = turns.map(({ role, blocks }, index) => ({
    role,
    content: buildContent(role === 'user' ? resultsFirst(blocks, turns[index - 1]) : blocks),
  }));
  return system.length === 0 ? { messages } : { system: buildContent(system), messages };
}

function buildSystem(message: Message, building: Building): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of message.parts) {
    const block = part.type === 'text' ? buildText(part, building) : undefined;
    if (block) blocks.push(block);
    if (part.type !== 'text')
      lose(building.losses, `system ${part.type}`, 'Anthropic takes only text in system messages');
  }
  return blocks;
}

function addTurn(turns: Turn[], message: Message, building: Building): void {
  const blocks = message.parts
    .map((part) => buildBlock(part, message.role, building))
    .filter((block) => block !== undefined);
  if (blocks.length === 0) return;
  const role = message.role === 'assistant' ? 'assistant' : 'user';
  const last = turns.at(-1);
  if (last?.role === role) last.blocks.push(...blocks);
  else turns.push({ role, blocks });
}

/** The API wants a user turn first, with something in it. */
function openWithUser(turns: Turn[], { losses }: Building): void {
  if (turns[0]?.role === 'user') return;
  turns.unshift({ role: 'user', blocks: [{ type: 'text', text: 'Continue.' }] });
  lose(losses, 'messages[0]', 'the conversation does not open with a user; "Continue." was put before it');
}

function resultsFirst(blocks: JsonObject[], before: Turn | undefined): JsonObject[] {
  const results = blocks.filter((block) => block.type === 'tool_result');
  if (results.length === 0) return blocks;
  const calls = (before?.blocks ?? []).filter((block) => block.type === 'tool_use').map((block) => block.id);
  const place = (result: JsonObject): number => {
    const index = calls.indexOf(result.tool_use_id);
    return index === -1 ? calls.length : index;
  };
  results.sort((a, b) => place(a) - place(b));
  return [...results, ...blocks.filter((block) => block.type !== 'tool_result')];
}
