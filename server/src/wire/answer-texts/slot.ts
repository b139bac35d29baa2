import type { AnswerText } from '../../core/answer-text.ts';
import { isObject, type JsonObject } from '../../core/json.ts';

/** A text of a native event and the way to write another in its place. */
export interface Slot extends AnswerText {
  set(text: string): void;
}

/** What was found in one native event. */
export interface Found {
  slots: Slot[];
  ended: 'all' | number[];
  begun: { kind: AnswerText['kind']; choice: number }[];
}

/** Gathers the slots of one event or one whole answer. */
export function createFound(): Found & {
  add(holder: JsonObject, field: string, slot: Omit<AnswerText, 'text'>, onSet?: () => void): void;
  addDeep(value: unknown, slot: Omit<AnswerText, 'text' | 'whole'>): void;
  end(choice: number): void;
} {
  const found: Found = { slots: [], ended: [], begun: [] };
  return {
    ...found,
    add(holder, field, slot, onSet) {
      const text = holder[field];
      if (typeof text !== 'string' || text === '') return;
      found.slots.push({
        ...slot,
        text,
        set(changed) {
          holder[field] = changed;
          onSet?.();
        },
      });
    },
    /** Every text within a value, each for itself. */
    addDeep(value, slot) {
      const visit = (holder: JsonObject | unknown[], key: string | number, inner: unknown): void => {
        if (typeof inner === 'string' && inner !== '') {
          const set = (text: string) => {
            (holder as Record<string | number, unknown>)[key] = text;
          };
          found.slots.push({ ...slot, whole: true, text: inner, set });
        } else if (Array.isArray(inner)) for (const [index, each] of inner.entries()) visit(inner, index, each);
        else if (isObject(inner)) for (const [name, each] of Object.entries(inner)) visit(inner, name, each);
      };
      visit([value], 0, value);
    },
    end(choice) {
      if (found.ended !== 'all') found.ended.push(choice);
    },
  };
}
