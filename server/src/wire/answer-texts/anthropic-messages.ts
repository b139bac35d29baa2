import { asArray, isObject, type JsonObject } from '../../core/json.ts';
import { createFound, type Found } from './slot.ts';

/** The texts of a message, whole or one event of it. */
export function anthropicTexts(event: JsonObject): Found {
  const found = createFound();
  const text = { kind: 'text', choice: 0, part: '' } as const;
  const reasoning = { kind: 'reasoning', choice: 0, part: '' } as const;
  const part = String(event.index);
  const { delta } = event;
  switch (event.type) {
    case 'message':
      for (const block of asArray(event.content)) {
        if (!isObject(block)) continue;
        if (block.type === 'text') found.add(block, 'text', { ...text, whole: true });
        else if (block.type === 'thinking') found.add(block, 'thinking', { ...reasoning, whole: true });
        else if (block.type === 'tool_use') found.addDeep(block.input, { kind: 'argument-text', choice: 0, part: '' });
      }
      break;
    case 'content_block_start':
      if (!isObject(event.content_block)) break;
      if (event.content_block.type === 'tool_use') found.begun.push({ kind: 'arguments', choice: 0 });
      found.add(event.content_block, 'text', { ...text, whole: false });
      found.add(event.content_block, 'thinking', { ...reasoning, whole: false });
      break;
    case 'content_block_delta':
      if (!isObject(delta)) break;
      found.add(delta, 'text', { ...text, whole: false });
      found.add(delta, 'thinking', { ...reasoning, whole: false });
      found.add(delta, 'partial_json', { kind: 'arguments', choice: 0, part, whole: false });
      break;
    case 'message_delta':
    case 'message_stop':
      found.end(0);
      break;
  }
  return found;
}
