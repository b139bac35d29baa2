import type { AnswerPart, ChatAnswer } from '../../core/chat-answer.ts';
import type { Citation, ReasoningPart, TextPart, ToolCallPart } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { carrySignature, type Signature } from '../../core/signature.ts';
import type { AnswerContext } from '../wire.ts';
import { buildHead, buildStop } from './answer-fields.ts';
import { buildInput } from './build-blocks.ts';
import { buildCitation } from './citations.ts';
import { lose } from './lose.ts';

/** A whole answer as a Messages body. Anthropic has one choice; further ones are reported as a loss. */
export function buildAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const [choice] = answer.choices;
  if (answer.choices.length > 1) lose(context.losses, 'n', 'the Messages API has one choice');
  if (choice?.logprobs) lose(context.losses, 'logprobs', 'the Messages API has no log probabilities');
  const content: JsonObject[] = [];
  let refusal = '';
  let textLength = 0;
  for (const part of choice?.parts ?? []) {
    if (part.type === 'refusal') refusal += part.text;
    else content.push(...buildBlocks(part, textLength, context));
    if (part.type === 'text') textLength += part.text.length;
  }
  return { ...buildHead(answer, answer.usage, context), content, ...buildStop(choice?.finish, refusal) };
}

function buildBlocks(
  part: Exclude<AnswerPart, { type: 'refusal' }>,
  offset: number,
  context: AnswerContext,
): JsonObject[] {
  const { losses } = context;
  switch (part.type) {
    case 'text':
      return buildTextBlocks(part, offset, context);
    case 'reasoning':
      return buildReasoning(part);
    case 'tool-call':
      return buildCall(part, context);
    case 'opaque':
      if (part.wire === 'anthropic-messages') return [part.value as JsonObject];
      lose(losses, part.what, 'the Messages API has no such item');
      return [];
    case 'media':
      lose(losses, part.mediaType.startsWith('audio/') ? 'audio' : 'images', 'the Messages API answers in text only');
      return part.transcript ? [{ type: 'text', text: part.transcript }] : [];
    default:
      lose(losses, part.type, 'the Messages API answers in text only');
      return [];
  }
}

/** A block that holds only a signature, for what Anthropic has no signature field of its own. */
export const signatureBlock = (signature: Signature): JsonObject => ({
  type: 'thinking',
  thinking: '',
  signature: carrySignature(signature, 'anthropic'),
});

function buildReasoning(part: ReasoningPart): JsonObject[] {
  const blocks: JsonObject[] = [];
  if (part.text !== '' || part.signature) {
    const signature = part.signature ? carrySignature(part.signature, 'anthropic') : '';
    blocks.push({ type: 'thinking', thinking: part.text, signature });
  }
  if (part.redacted !== undefined) blocks.push({ type: 'redacted_thinking', data: part.redacted });
  return blocks;
}

function buildCall(part: ToolCallPart, { losses }: AnswerContext): JsonObject[] {
  const input = buildInput(part.arguments, () =>
    lose(losses, 'tool_calls[].function.arguments', 'not a JSON object; given as {"invalid_json": …}'),
  );
  const call: JsonObject = { type: 'tool_use', id: part.id, name: part.name, input };
  return part.signature ? [signatureBlock(part.signature), call] : [call];
}

function buildTextBlocks(part: TextPart, offset: number, { losses }: AnswerContext): JsonObject[] {
  const blocks = citedBlocks(part.text, part.citations ?? [], offset, () =>
    lose(losses, 'annotations', 'a citation without an address has no form in the Messages API'),
  );
  if (part.signature) blocks.push(signatureBlock(part.signature));
  return blocks;
}

/** Anthropic cites whole blocks, so the text is cut where a cited span begins and ends. */
function citedBlocks(text: string, citations: Citation[], offset: number, onLoss: () => void): JsonObject[] {
  const blocks: { type: 'text'; text: string; citations?: JsonObject[] }[] = [];
  let cursor = 0;
  const upTo = (end: number): void => {
    const piece = text.slice(cursor, end);
    const last = blocks.at(-1);
    // White space between two spans joins the one before it: a block of nothing else could not be sent back.
    if (piece.trim() === '' && last) last.text += piece;
    else if (piece.trim() !== '') blocks.push({ type: 'text', text: piece });
    else return;
    cursor = end;
  };
  const inOrder = [...citations].sort((a, b) => (a.start ?? text.length) - (b.start ?? text.length));
  for (const citation of inOrder) {
    const native = buildCitation(citation);
    if (!native) {
      onLoss();
      continue;
    }
    const start = (citation.start ?? -1) - offset;
    const end = (citation.end ?? -1) - offset;
    if (start >= cursor && end > start && end <= text.length) {
      upTo(start);
      blocks.push({ type: 'text', text: text.slice(cursor, end), citations: [native] });
      cursor = end;
      continue;
    }
    // The same span again, or one that overlaps, goes to the block before it; one without a place to all that is left.
    if (citation.start === undefined || blocks.length === 0) upTo(text.length);
    const last = blocks.at(-1);
    if (last) last.citations = [...(last.citations ?? []), native];
    else onLoss();
  }
  if (cursor < text.length) {
    const rest = text.slice(cursor);
    const last = blocks.at(-1);
    if (last && rest.trim() === '') last.text += rest;
    else blocks.push({ type: 'text', text: rest });
  }
  return blocks;
}
