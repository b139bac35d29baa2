import { asObject, isObject } from '../../../core/json.ts';
import type { ChatInput } from '../chat-input.ts';
import { createHints, type Hints, places, quoted } from '../hints.ts';
import type { Turn } from '../read-messages.ts';
import type { SandboxTool } from '../read-tools.ts';
import { generateValue } from '../schema/generate-value.ts';
import { nameWords } from '../words.ts';
import { matchTools } from './match-tools.ts';

/** A tool call to make; `arguments` is JSON text. */
export interface ChosenCall {
  name: string;
  arguments: string;
}

const mostCalls = 8;

/**
 * The calls that the sandbox makes: with `required` or a named tool always at least one, with `auto` those that the last user
 * message plainly asks for and that have no result yet. With `parallel_tool_calls: false` one call a turn, the next one
 * after each result.
 */
export function chooseCalls(input: ChatInput, variation: number): ChosenCall[] {
  const { mode, names } = input.toolChoice;
  if (mode === 'none' || input.tools.length === 0) return [];
  const tools = input.tools.filter((tool) => names.includes(tool.name));
  const asked = input.turns.findLastIndex((turn) => turn.role === 'user');
  const request = input.turns[asked]?.text ?? '';
  const since = input.turns.slice(asked + 1);
  const answered = since.some((turn) => turn.role === 'tool');
  if (mode === 'auto' && answered && input.parallelToolCalls) return [];

  const matched = matchTools(tools, request);
  const chosen = matched.length === 0 && mode === 'required' ? tools.slice(0, 1) : matched;
  const calls = chosen.flatMap((tool) => callsOf(tool, request, variation)).slice(0, mostCalls);
  const left = calls.filter((call) => !wasMade(call, since));
  const open = mode === 'required' && left.length === 0 ? calls : left;
  return input.parallelToolCalls ? open : open.slice(0, 1);
}

/** One call, or one for each value when the request names several for the same parameter. */
function callsOf(tool: SandboxTool, request: string, variation: number): ChosenCall[] {
  const many = manyValued(tool, request);
  const call = (skip: number): ChosenCall => {
    const hints = (): Hints => createHints(request, skip);
    const made = generateValue(tool.parameters, { hints, variation, fillOptional: false, param: 'tools' });
    return { name: tool.name, arguments: JSON.stringify(isObject(made) ? made : {}) };
  };
  return Array.from({ length: Math.min(many, mostCalls) }, (_, skip) => call(skip));
}

function manyValued(tool: SandboxTool, request: string): number {
  const texts = Object.entries(asObject(tool.parameters.properties) ?? {}).filter(
    ([, part]) => isObject(part) && part.type === 'string' && !part.enum && part.const === undefined,
  );
  const words = texts.flatMap(([name]) => nameWords(name));
  if (words.some((word) => /^(from|to|origin|destination|source|target)$/.test(word))) return 1;
  if (words.some((word) => /^(city|location|place|town|country)$/.test(word)))
    return Math.max(1, places(request).length);
  return texts.length === 1 ? Math.max(1, quoted(request).length) : 1;
}

const wasMade = (call: ChosenCall, since: readonly Turn[]): boolean =>
  since.some((turn) => turn.calls.some((past) => past.name === call.name && past.arguments === call.arguments));
