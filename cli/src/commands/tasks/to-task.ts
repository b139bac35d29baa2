import { createHash } from 'node:crypto';
import { nanosOf } from '../replay/price-calls.ts';
import type { ExportedCall } from './call-pages.ts';

/** A task as `task import` takes it: Taskwarrior's own fields, then those that `sluice tasks fields` tells it of. */
export interface Task {
  uuid: string;
  description: string;
  status: 'completed';
  entry: string;
  end: string;
  project: string;
  tags?: string[];
  [field: string]: string | number | string[] | undefined;
}

/** The fields that Taskwarrior must be told of: it keeps others too, but shows and sums them only then. */
export const taskFields: Record<string, { type: 'string' | 'numeric'; label: string }> = {
  requestid: { type: 'string', label: 'Request' },
  model: { type: 'string', label: 'Model' },
  modelasked: { type: 'string', label: 'Asked for' },
  provider: { type: 'string', label: 'Provider' },
  route: { type: 'string', label: 'Route' },
  outcome: { type: 'string', label: 'Outcome' },
  cost: { type: 'string', label: 'Cost (USD)' },
  costnanos: { type: 'numeric', label: 'Cost (nano-USD)' },
  savednanos: { type: 'numeric', label: 'Saved (nano-USD)' },
  inputtokens: { type: 'numeric', label: 'Tokens in' },
  outputtokens: { type: 'numeric', label: 'Tokens out' },
  latencyms: { type: 'numeric', label: 'Took (ms)' },
};

/** One call as a finished task. The ledger holds no prompts, so the task has none either. */
export function toTask(call: ExportedCall, project: string): Task {
  const startMs = Date.parse(call.at);
  const tags = [...new Set([...call.tags.map(tagOf), ...outcomeTags(call)])].filter((tag) => tag !== '');
  return {
    uuid: uuidOf(call.requestId),
    description: `${call.operation} ${call.modelUsed ?? call.modelAsked}${call.outcome === 'ok' ? '' : ` (${call.outcome})`}`,
    status: 'completed',
    entry: timeOf(startMs),
    end: timeOf(startMs + call.latencyMs),
    project: [project, call.keyName.replace(/[\s.]+/g, '-')].filter((part) => part !== '').join('.'),
    ...(tags.length > 0 && { tags }),
    requestid: call.requestId,
    model: call.modelUsed ?? undefined,
    modelasked: call.modelAsked,
    provider: call.provider ?? undefined,
    route: call.route ?? undefined,
    outcome: call.outcome,
    // Taskwarrior rounds numbers to six digits behind the point, which a cheap call's dollars do not have.
    cost: call.costUsd ?? undefined,
    costnanos: call.costUsd === null ? undefined : nanosOf(call.costUsd),
    savednanos: call.savedUsd === null ? undefined : nanosOf(call.savedUsd),
    inputtokens: call.input + call.audioInput + call.cacheRead + call.cacheWrite + call.cacheWrite1h,
    outputtokens: call.output + call.audioOutput,
    latencyms: Math.round(call.latencyMs),
  };
}

const outcomeTags = ({ outcome, cache }: ExportedCall): string[] => [
  ...(outcome === 'ok' ? [] : [outcome === 'aborted' ? 'aborted' : 'failed']),
  ...(cache !== null && cache !== 'none' ? ['cached'] : []),
];

/** One word that begins with a small letter: capitals alone are tags that Taskwarrior makes itself. */
function tagOf(tag: string): string {
  const word = tag.toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, '_');
  return /^\p{N}/u.test(word) ? `_${word}` : word;
}

/** The namespace of the ids, drawn once. */
const namespace = Buffer.from('8b0e5c1d4a0f4f0b9d3c6a5e7f21c4d8', 'hex');

/** The same for the same call, whenever it is exported (RFC 9562, version 5): an import again changes the task it made. */
export function uuidOf(requestId: string): string {
  const bytes = createHash('sha1').update(namespace).update(requestId).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** `20261231T180000Z`. */
const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
