import packageFile from '../package.json' with { type: 'json' };
import { readConnection } from './api/connection.ts';
import { findCommand, readArguments } from './arguments.ts';
import { CliError, UsageError } from './cli-error.ts';
import type { Command, Environment } from './command.ts';
import { renderHelp } from './help.ts';
import { createOutput, type Output } from './output.ts';

/** Runs one command line and returns the exit code: 0 done, 1 failed, 2 used wrongly. */
export async function run(root: Command, line: readonly string[], environment: Environment): Promise<number> {
  // Until the options are read, `--json` is only looked for: errors are on stderr either way.
  const output = createOutput(process.stdout, process.stderr, environment, line.includes('--json'));
  let path: string[] = [];
  try {
    const found = findCommand(root, line[0] === 'help' ? [...line.slice(1), '--help'] : line);
    path = found.path;
    const { command, rest } = found;
    const { options, words } = readArguments(command, rest);
    if (command === root && options.version) output.write(`${packageFile.version}\n`);
    else if (options.help || line.length === 0) output.write(`${renderHelp(command, path, output.colours)}\n`);
    else if (!command.run) throw new UsageError('The command is missing.', `Commands: ${namesOf(command)}.`);
    else {
      const connection = () => readConnection(options, environment);
      return (await command.run({ options, words, output, connection, environment })) ?? 0;
    }
    return 0;
  } catch (error) {
    return explain(error, path, output);
  }
}

function explain(error: unknown, path: readonly string[], { aside, asideColours }: Output): number {
  if (!(error instanceof CliError)) {
    aside(`${asideColours.red('error:')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  }
  aside(`${asideColours.red('error:')} ${error.message}`);
  if (error.hint !== undefined) aside(error.hint);
  if (error instanceof UsageError) aside(`See \`${['sluice', ...path, '--help'].join(' ')}\`.`);
  return error.exitCode;
}

const namesOf = ({ subcommands = [] }: Command): string => subcommands.map(({ name }) => name).join(', ');
