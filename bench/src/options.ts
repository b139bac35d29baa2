import { parseArgs } from 'node:util';

export const phases = [
  'json',
  'stream',
  'cross',
  'ttft',
  'memory',
  'thousand',
  'policies',
  'guardrails',
  'long',
  'flood',
  'portkey',
  'llm-gateway',
] as const;
export type Phase = (typeof phases)[number];

/** A server that somebody else started; `pid` gives its CPU time and memory. */
export interface RunningServer {
  base: URL;
  key: string;
  model: string;
  crossModel?: string;
  pid?: number;
}

/** What a run does, as the command line asked for it. */
export interface Options {
  quick: boolean;
  json: boolean;
  assert: boolean;
  /** Keeps the result under `bench/results`. */
  save: boolean;
  help: boolean;
  only: ReadonlySet<Phase>;
  paceMs: number;
  mockPort: number;
  running?: RunningServer;
  command?: string[];
  /** A PostgreSQL for the gateway in place of its embedded one: emptied by the caller, used by nobody else. */
  databaseUrl?: string;
}

export const usage = `Usage: npm run bench -- [options]
       npm run bench -- report [file]   writes the newest result, or that one, into docs/performance.md

  --quick               fewer requests and rounds: coarser figures, for CI
  --only <list>         of ${phases.join(',')} (default: all)
  --pace-ms <n>         gap between two events of a measured stream; 0 yields one turn of the loop (default 1)
  --json                print one JSON document in place of the table
  --save                keep the result under bench/results; a full run of everything is kept anyway
  --assert              exit 1 when a row misses its target or cannot be measured
  --command "<words>"   start the gateway with this command in place of the checkout's own
  --database-url <url>  give the gateway this (empty) PostgreSQL in place of its embedded one
  --url <base>          drive a server that already runs; with
    --key <key>         its key
    --model <id>        a model whose upstream is the mock's OpenAI wire
    --cross-model <id>  a model whose upstream is the mock's Anthropic wire
    --pid <pid>         its process, for CPU and memory
    --mock-port <port>  where the mock listens, so that the server can name it (default 9001 with --url)`;

/** Reads the command line; throws an Error that names the option when one is unknown or unusable. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      assert: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      only: { type: 'string' },
      'pace-ms': { type: 'string' },
      command: { type: 'string' },
      'database-url': { type: 'string' },
      url: { type: 'string' },
      key: { type: 'string' },
      model: { type: 'string' },
      'cross-model': { type: 'string' },
      pid: { type: 'string' },
      'mock-port': { type: 'string' },
    },
  });
  const { quick, json, assert, help, url } = values;
  const isWhole = !quick && !url && values.only === undefined && values.command === undefined;
  return {
    quick,
    json,
    assert,
    save: values.save || isWhole,
    help,
    only: parsePhases(values.only),
    paceMs: wholeNumber('--pace-ms', values['pace-ms']) ?? 1,
    mockPort: wholeNumber('--mock-port', values['mock-port']) ?? (url ? 9001 : 0),
    command: values.command?.split(' ').filter((word) => word !== ''),
    databaseUrl: values['database-url'],
    running: url
      ? {
          base: parseBase(url),
          key: required('--key', values.key),
          model: required('--model', values.model),
          crossModel: values['cross-model'],
          pid: wholeNumber('--pid', values.pid),
        }
      : undefined,
  };
}

function parsePhases(list: string | undefined): ReadonlySet<Phase> {
  if (list === undefined) return new Set(phases);
  return new Set(
    list.split(',').map((name) => {
      const phase = phases.find((known) => known === name.trim());
      if (!phase) throw new Error(`--only does not know "${name}"; it takes ${phases.join(', ')}`);
      return phase;
    }),
  );
}

function parseBase(url: string): URL {
  if (!URL.canParse(url)) throw new Error(`--url is no address: ${url}`);
  const base = new URL(url);
  // The load generator speaks plain sockets; TLS would measure TLS.
  if (base.protocol !== 'http:') throw new Error(`--url must be an http: address, not ${base.protocol}`);
  return base;
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`${option} takes a whole number, not "${text}"`);
  return Number(text);
}

function required(option: string, text: string | undefined): string {
  if (!text) throw new Error(`${option} is needed with --url`);
  return text;
}
