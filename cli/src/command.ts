import type { Connection } from './api/connection.ts';
import type { Output } from './output.ts';

export interface OptionSpec {
  type: 'string' | 'boolean';
  /** May be given several times. */
  multiple?: boolean;
  short?: string;
  /** What stands for the value in the help, e.g. `date`. */
  value?: string;
  summary: string;
}

export interface PositionalSpec {
  name: string;
  required: boolean;
  /** Takes all the words that are left. */
  rest?: boolean;
}

export type OptionSpecs = Record<string, OptionSpec>;

/** The values of options: strings, lists of strings, or whether the flag was given. */
export type OptionValues<Options extends OptionSpecs> = {
  [Name in keyof Options]: Options[Name] extends { type: 'boolean' }
    ? boolean
    : Options[Name] extends { multiple: true }
      ? string[]
      : string | undefined;
};

export interface CommandInput<Options extends OptionSpecs> {
  options: OptionValues<Options>;
  /** The words that are no options. */
  words: string[];
  output: Output;
  /** Whom to talk to, with which key; nothing is sent by asking. */
  connection(): Connection;
  environment: Environment;
}

export type Environment = Record<string, string | undefined>;

export interface Command<Options extends OptionSpecs = OptionSpecs> {
  name: string;
  summary: string;
  /** More than the summary, in the help of this command alone. */
  details?: string;
  positionals?: readonly PositionalSpec[];
  options?: Options;
  examples?: readonly string[];
  subcommands?: readonly Command[];
  /** Returns the exit code, 0 when it says nothing. Absent: the command only groups others. */
  run?(input: CommandInput<Options>): Promise<number | undefined> | Promise<void>;
}

/** Keeps the types of a command's options. */
export const defineCommand = <const Options extends OptionSpecs>(command: Command<Options>): Command =>
  command as Command;

/** What every command understands. */
export const commonOptions = {
  json: { type: 'boolean', summary: 'Print JSON for programs, and nothing else' },
  url: { type: 'string', value: 'address', summary: 'The server (SLUICE_URL, else http://127.0.0.1:8080)' },
  key: { type: 'string', value: 'key', summary: 'The key (SLUICE_KEY, SLUICE_ADMIN_KEY, else ./data/admin-key)' },
  help: { type: 'boolean', short: 'h', summary: 'Show this help' },
} as const satisfies OptionSpecs;
