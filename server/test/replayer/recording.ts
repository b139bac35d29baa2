import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type WireName, wireNames } from '../../src/core/wire-name.ts';

/** One recorded answer of a provider, whole or streamed or both; with both, the content of our own recordings is the same. */
export interface Recording {
  /** `<wire>/<name>` for our own, `<provider>/<api>/<name>` for those that lie beside the project. */
  name: string;
  wire: WireName;
  /** The bytes of the whole JSON body. */
  body?: Uint8Array;
  /** The data of each event in order, framing taken off, without OpenAI's `[DONE]`. */
  events?: string[];
}

const projectFolder = join(import.meta.dirname, '../../..');
const wireFolder = join(projectFolder, 'server/src/wire');
const besideFolder = join(projectFolder, '../shared/fixtures/providers');
const bodySuffix = '.json';
const eventsSuffix = '.chunks.txt';

/** A recording of our own by `<wire>/<name>`. Throws when there is none. */
export function recording(name: string): Recording {
  const found = ownRecordings().find((each) => each.name === name);
  if (!found) throw new Error(`There is no recording ${JSON.stringify(name)}.`);
  return found;
}

let own: Recording[] | undefined;

/** Every recording that lies in a wire's own folder. */
export function ownRecordings(): Recording[] {
  own ??= wireNames.flatMap((wire) => {
    const folder = join(wireFolder, wire, 'recordings');
    return recordingsIn(folder).map(({ path, parts }) => ({
      name: `${wire}/${relative(folder, path)}`,
      wire,
      ...parts,
    }));
  });
  return own;
}

const besideWires: Record<string, WireName> = {
  'openai/chat': 'openai-chat',
  'groq/chat': 'openai-chat',
  'openai/responses': 'openai-responses',
  'anthropic/chat': 'anthropic-messages',
  'google/chat': 'gemini',
  'amazon-bedrock/chat': 'bedrock-converse',
};

/** Recordings of real providers that lie beside the project, when they do; a file of several streamed answers gives several. */
export function recordingsBeside(): Recording[] {
  return Object.entries(besideWires).flatMap(([place, wire]) =>
    recordingsIn(join(besideFolder, place)).flatMap(({ path, parts: { body, events } }) => {
      const name = relative(besideFolder, path);
      const answers = events ? splitAnswers(wire, events) : [];
      if (answers.length < 2) return [{ name, wire, ...(body && { body }), ...(events && { events }) }];
      const streams = answers.map((answer, index) => ({ name: `${name}#${index + 1}`, wire, events: answer }));
      return body ? [{ name, wire, body }, ...streams] : streams;
    }),
  );
}

/** A file by path: `x.json`, `x.chunks.txt`, or `x` for both. */
export function recordingAt(path: string, wire: WireName): Recording {
  const stem = path.endsWith(eventsSuffix)
    ? path.slice(0, -eventsSuffix.length)
    : path.endsWith(bodySuffix)
      ? path.slice(0, -bodySuffix.length)
      : path;
  const parts = readParts(stem);
  if (!parts.body && !parts.events)
    throw new Error(`There is neither ${stem}${bodySuffix} nor ${stem}${eventsSuffix}.`);
  return { name: stem, wire, ...parts };
}

/** The wire whose name is a folder of the path, or whose provider's folders are. */
export function wireOfPath(path: string): WireName | undefined {
  const beside = Object.entries(besideWires).find(([place]) => path.includes(`${place}/`));
  return wireNames.find((wire) => path.includes(`${wire}/`)) ?? beside?.[1];
}

type Parts = Pick<Recording, 'body' | 'events'>;

function recordingsIn(folder: string): { path: string; parts: Parts }[] {
  if (!existsSync(folder)) return [];
  const stems = new Set<string>();
  for (const file of readdirSync(folder)) {
    if (file.endsWith(eventsSuffix)) stems.add(file.slice(0, -eventsSuffix.length));
    else if (file.endsWith(bodySuffix)) stems.add(file.slice(0, -bodySuffix.length));
  }
  return [...stems].sort().map((stem) => ({ path: join(folder, stem), parts: readParts(join(folder, stem)) }));
}

function readParts(stem: string): Parts {
  const parts: Parts = {};
  if (existsSync(stem + bodySuffix)) parts.body = readFileSync(stem + bodySuffix);
  if (existsSync(stem + eventsSuffix)) {
    const lines = readFileSync(stem + eventsSuffix, 'utf8').split('\n');
    parts.events = lines.map((line) => line.trim()).filter((line) => line !== '' && line !== '[DONE]');
  }
  return parts;
}

const openings: Partial<Record<WireName, string>> = {
  'openai-responses': '"type":"response.created"',
  'anthropic-messages': '"type":"message_start"',
};

/** A conversation of several turns was recorded as one file: each answer begins with the wire's opening event. */
function splitAnswers(wire: WireName, events: string[]): string[][] {
  const opening = openings[wire];
  const answers: string[][] = [];
  for (const event of events) {
    if (answers.length === 0 || (opening !== undefined && event.includes(opening))) answers.push([]);
    answers.at(-1)!.push(event);
  }
  return answers;
}
