import { parseArgs } from 'node:util';
import { UsageError } from './cli-error.ts';
import { type Command, commonOptions, type OptionSpecs, type OptionValues } from './command.ts';
import { didYouMean } from './suggest.ts';

export interface FoundCommand {
  command: Command;
  /** The words that lead to it, e.g. `['keys', 'create']`. */
  path: string[];
  /** What is left of the command line. */
  rest: string[];
}

/** Follows the words of a command line to the command; options may stand anywhere. Throws UsageError for an unknown one. */
export function findCommand(root: Command, line: readonly string[]): FoundCommand {
  const rest = [...line];
  const path: string[] = [];
  let command = root;
  for (let at = 0; at < rest.length && command.subcommands; ) {
    const word = rest[at]!;
    if (word === '--') break;
    if (word.startsWith('-')) {
      at += takesNext(word, command) ? 2 : 1;
      continue;
    }
    const found = command.subcommands.find(({ name }) => name === word);
    if (!found) {
      if (command.positionals) break;
      const names = command.subcommands.map(({ name }) => [...path, name].join(' '));
      const asked = [...path, word].join(' ');
      throw new UsageError(
        `There is no command \`${asked}\`.`,
        didYouMean(asked, names) ?? `Commands: ${names.join(', ')}.`,
      );
    }
    rest.splice(at, 1);
    path.push(word);
    command = found;
  }
  return { command, path, rest };
}

/** The word after it is its value, and no command. */
const takesNext = (option: string, { options }: Command): boolean =>
  option === '--url' || option === '--key' || options?.[option.slice('--'.length)]?.type === 'string';

/** Options and words of a command. Throws UsageError for what the command does not understand. */
export function readArguments<Options extends OptionSpecs>(command: Command<Options>, line: readonly string[]) {
  const specs: OptionSpecs = { ...command.options, ...commonOptions };
  const { values, positionals: words } = parse(specs, line);
  const positionals = command.positionals ?? [];
  const missing = positionals.find(({ required }, index) => required && words[index] === undefined);
  if (missing && !values.help) throw new UsageError(`<${missing.name}> is missing.`);
  if (words.length > positionals.length && !positionals.at(-1)?.rest) {
    throw new UsageError(
      `${JSON.stringify(words[positionals.length])} is one word too many.`,
      'Quote text that has spaces.',
    );
  }
  const options: Record<string, unknown> = {};
  for (const [name, { type, multiple }] of Object.entries(specs)) {
    options[name] = values[name] ?? (type === 'boolean' ? false : multiple ? [] : undefined);
  }
  return { options: options as OptionValues<Options & typeof commonOptions>, words };
}

function parse(specs: OptionSpecs, line: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple = false, short }]) => [
      name,
      { type, multiple, ...(short && { short }) },
    ]),
  );
  try {
    return parseArgs({ args: [...line], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const [named = ''] = /'[^']*'/.exec(message) ?? [];
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(message.split('\n')[0]!);
    const option = named.slice(1, -1);
    const known = Object.keys(specs).map((name) => `--${name}`);
    throw new UsageError(`There is no option \`${option}\` here.`, didYouMean(option, known));
  }
}
