import { expect } from 'bun:test';
import type { JsonObject } from '../../core/json.ts';
import type { BuiltEvent } from './test-support.ts';

interface OpenItem {
  item: JsonObject;
  done: boolean;
  /** Text so far of each content part, summary part or, at 0, the arguments; undefined once it is done. */
  open: Map<number, string>;
  closed: Map<number, string>;
}

/**
 * For tests: holds a built stream against OpenAI's documented order. Numbers are consecutive, everything is added before it
 * grows and done before its parent is, `done` repeats the sum of the deltas, and the last event holds exactly the items.
 */
export function checkStream(events: readonly BuiltEvent[]): JsonObject {
  const items: OpenItem[] = [];
  const at = (event: BuiltEvent): OpenItem => {
    const item = items[event.output_index as number];
    if (!item || item.done) throw new Error(`${event.type} is about no open item`);
    if (event.item_id !== undefined) expect(item.item.id).toBe(event.item_id);
    return item;
  };
  const add = (item: OpenItem, index: number) => {
    expect(index).toBe(item.open.size + item.closed.size);
    expect(item.open.size).toBe(0);
    item.open.set(index, '');
  };
  const grow = (item: OpenItem, index: number, delta: unknown) => {
    expect(item.open.has(index)).toBe(true);
    expect(delta).not.toBe('');
    item.open.set(index, item.open.get(index)! + String(delta));
  };
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events.slice(0, 2).map((event) => event.type)).toEqual(['response.created', 'response.in_progress']);
  const last = events.at(-1)!;
  expect(['response.completed', 'response.incomplete', 'response.failed']).toContain(last.type);
  for (const event of events.slice(2, -1)) {
    const index = (event.content_index ?? event.summary_index ?? 0) as number;
    switch (event.type) {
      case 'response.output_item.added':
        expect(event.output_index).toBe(items.length);
        items.push({ item: event.item as JsonObject, done: false, open: new Map(), closed: new Map() });
        if (items.at(-1)!.item.type === 'function_call') items.at(-1)!.open.set(0, '');
        break;
      case 'response.content_part.added':
      case 'response.reasoning_summary_part.added':
        add(at(event), index);
        break;
      case 'response.output_text.delta':
      case 'response.refusal.delta':
      case 'response.reasoning_summary_text.delta':
      case 'response.function_call_arguments.delta':
        grow(at(event), index, event.delta);
        break;
      case 'response.output_text.done':
      case 'response.refusal.done':
      case 'response.reasoning_summary_text.done':
      case 'response.function_call_arguments.done': {
        const item = at(event);
        const said = event.text ?? event.refusal ?? event.arguments;
        expect(said).toBe(item.open.get(index));
        if (event.type !== 'response.function_call_arguments.done') break;
        item.closed.set(index, String(said));
        item.open.delete(index);
        break;
      }
      case 'response.content_part.done':
      case 'response.reasoning_summary_part.done': {
        const item = at(event);
        const part = event.part as JsonObject;
        expect(part.text ?? part.refusal).toBe(item.open.get(index));
        item.closed.set(index, item.open.get(index)!);
        item.open.delete(index);
        break;
      }
      case 'response.output_text.annotation.added':
        expect(at(event).open.has(index)).toBe(true);
        break;
      case 'response.output_item.done': {
        const item = at(event);
        expect(item.open.size).toBe(0);
        expect((event.item as JsonObject).id).toBe(item.item.id);
        item.item = event.item as JsonObject;
        item.done = true;
        break;
      }
      case 'error':
        expect(last.type).toBe('response.failed');
        expect(event).toBe(events.at(-2)!);
        break;
      default:
        throw new Error(`${event.type} is not expected`);
    }
  }
  expect(items.every((item) => item.done)).toBe(true);
  const response = last.response as JsonObject;
  expect(response.output).toEqual(items.map(({ item }) => item));
  expect(`response.${String(response.status)}`).toBe(last.type);
  return response;
}
