import { existsSync, readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { type ConfigFile, configSchema } from './schema.ts';

export type Environment = Record<string, string | undefined>;

/** Every fault of a configuration file at once, each line as `file:line: where: what`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: string[]) {
    super(`The configuration cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/** Reads and checks a configuration file; one that is absent is the default configuration. Throws ConfigError. */
export function loadConfigFile(path: string, environment: Environment): ConfigFile {
  return parseConfig(existsSync(path) ? readFileSync(path, 'utf8') : '', path, environment);
}

/** YAML text to configuration, `${NAME}` and `${NAME:-default}` in strings taken from the environment. Throws ConfigError. */
export function parseConfig(text: string, path: string, environment: Environment): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const faults: string[] = [];
  const fault = (offset: number, what: string) => faults.push(`${path}:${lines.linePos(offset).line}: ${what}`);

  for (const { pos, message } of document.errors) fault(pos[0], message.split('\n')[0]!);
  if (faults.length > 0) throw new ConfigError(faults);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return;
      node.value = node.value.replace(
        /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
        (all, variable: string, otherwise?: string) => {
          const value = environment[variable] ?? otherwise;
          if (value === undefined) fault(node.range?.[0] ?? 0, `the environment variable ${variable} is not set`);
          return value ?? all;
        },
      );
    },
  });
  const parsed = configSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    for (const { path, message, ...issue } of parsed.error.issues) {
      // A field that nobody knows is pointed at itself, not at what holds it.
      const places = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
      for (const place of places) {
        const where = place.join('.');
        const what = issue.code === 'unrecognized_keys' ? 'there is no such field' : message;
        fault(offsetOf(document, place), `${where === '' ? '' : `${where}: `}${what}`);
      }
    }
  }
  if (faults.length > 0 || !parsed.data) throw new ConfigError(faults);
  places.set(parsed.data, (at) => `${path}:${lines.linePos(offsetOf(document, at)).line}: ${at.join('.')}`);
  return parsed.data;
}

/** Where the parts of a configuration stand in its file. */
const places = new WeakMap<ConfigFile, (path: readonly PropertyKey[]) => string>();

/** A fault that shows only when the parts are put together, in the form of the others: `file:line: where: what`. */
export const faultAt = (config: ConfigFile, path: readonly PropertyKey[], what: string): string =>
  `${places.get(config)?.(path) ?? path.join('.')}: ${what}`;

/** The offset of the deepest node of the path that exists, so that a missing field points at what should hold it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (!pair) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
