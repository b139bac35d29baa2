import type { ChatRequest } from '../../core/chat-request.ts';
import { asObject, type JsonObject } from '../../core/json.ts';

/**
 * Fields that sit inside tools and blocks and have no neutral place. They ride in `extensions['anthropic-messages']` under
 * their path, so that other wires report each as a loss, as maps from the tool's name or the call's id to the value.
 */
export const sidePaths = {
  /** Name of the tool -> `input_examples`, `defer_loading`, `allowed_callers` … of a custom tool. */
  tools: 'tools[].*',
  /** Id of the call -> `caller`, `toolset_name` … of a tool_use block. */
  toolUse: 'messages[].content[].tool_use.*',
  /** Id of the call -> `toolset_name` … of a tool_result block. */
  toolResult: 'messages[].content[].tool_result.*',
  /** Id of the call -> the content of a tool_result that holds more than text, images and documents. */
  resultContent: 'messages[].content[].tool_result.content',
  /** Image blocks: cannot be put back, for an image has no id. */
  image: 'messages[].content[].image.*',
} as const;

export type SidePath = (typeof sidePaths)[keyof typeof sidePaths];
const all: ReadonlySet<string> = new Set(Object.values(sidePaths));
export const isSidePath = (key: string): boolean => all.has(key);

/** Writes side fields while a body is read. */
export class SideFields {
  readonly #extension: JsonObject;

  constructor(extension: JsonObject) {
    this.#extension = extension;
  }

  keep(path: SidePath, key: string, value: unknown): void {
    this.#extension[path] ??= Object.create(null);
    (this.#extension[path] as JsonObject)[key] = value;
  }

  /** Keeps whatever `block` holds beyond `known`; nothing when there is no more. */
  keepRest(path: SidePath, key: string, block: JsonObject, known: ReadonlySet<string>): void {
    let rest: JsonObject | undefined;
    for (const field in block) {
      if (known.has(field) || block[field] === null || block[field] === undefined) continue;
      rest ??= {};
      rest[field] = block[field];
    }
    if (rest) this.keep(path, key, rest);
  }
}

/** The value that was kept under `path` for one tool or call. */
export function sideField(request: ChatRequest, path: SidePath, key: string): unknown {
  const map = asObject(request.extensions['anthropic-messages']?.[path]);
  return map && Object.hasOwn(map, key) ? map[key] : undefined;
}
