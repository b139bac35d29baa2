import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';

type Step = string | number;
type Holder = Record<Step, unknown>;

// A provider that names index 4000000000 must not make us hold such an array.
const longestArray = 100_000;

/**
 * Arguments that Vertex AI streams piecewise: `partialArgs`, each a JSONPath (RFC 9535, names and indices) and a piece of
 * value. Pieces of one string are joined; `text()` is the whole as JSON text.
 */
export function createPartialArguments() {
  let root: unknown = newObject();
  return {
    addWhole(args: JsonObject): void {
      root = Object.assign(newObject(), args);
    },
    add(partialArgs: unknown): void {
      for (const entry of asArray(partialArgs)) {
        const piece = asObject(entry);
        const steps = parsePath(asString(piece?.jsonPath) ?? '');
        if (piece && steps) root = place(root, steps, piece);
      }
    },
    text: (): string => JSON.stringify(root),
  };
}

export type PartialArguments = ReturnType<typeof createPartialArguments>;

// Without a prototype, so that a path through `__proto__` reaches nothing.
const newObject = (): Holder => Object.create(null) as Holder;

function place(root: unknown, steps: Step[], piece: JsonObject): unknown {
  const top: Holder = { root } as Holder;
  let holder: Holder | unknown[] = top;
  let key: Step = 'root';
  for (const step of steps) {
    const held: unknown = (holder as Holder)[key];
    const fits = typeof step === 'number' ? Array.isArray(held) : typeof held === 'object' && held !== null;
    const next = (fits ? held : typeof step === 'number' ? [] : newObject()) as Holder;
    (holder as Holder)[key] = next;
    holder = next;
    key = step;
  }
  const before = (holder as Holder)[key];
  (holder as Holder)[key] = pieceValue(piece, before);
  return top.root;
}

function pieceValue(piece: JsonObject, before: unknown): unknown {
  const text = asString(piece.stringValue);
  if (text !== undefined) return typeof before === 'string' ? before + text : text;
  if (typeof piece.boolValue === 'boolean') return piece.boolValue;
  const number = asNumber(piece.numberValue);
  if (number !== undefined) return number;
  if ('nullValue' in piece) return null;
  // No value at all: the end of a string that had nothing in it.
  return before === undefined ? '' : before;
}

const stepPattern = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

function parsePath(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: Step[] = [];
  stepPattern.lastIndex = 1;
  while (stepPattern.lastIndex < path.length) {
    const match = stepPattern.exec(path);
    if (!match) return undefined;
    const [, name, index, single, double] = match;
    if (index !== undefined) {
      if (Number(index) >= longestArray) return undefined;
      steps.push(Number(index));
    } else steps.push(name ?? (single ?? double)!.replace(/\\(.)/g, '$1'));
  }
  return steps.length > 0 ? steps : undefined;
}
