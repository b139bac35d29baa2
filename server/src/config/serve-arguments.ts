import { parseArgs } from 'node:util';

export interface ServeArguments {
  /** How many processes serve the port together. */
  processes: number;
  /** Set in a process of such a group: its number, from 1. */
  process?: number;
  /** In a process of a group: it is the one that greets. */
  greets: boolean;
}

const mostProcesses = 64;

/** Reads what follows `serve`. Throws an Error in words for an option that does not exist or a number that cannot be meant. */
export function readServeArguments(args: string[]): ServeArguments {
  const { values } = parse(args);
  const processes = values.processes === undefined ? 1 : Number(values.processes);
  if (!Number.isInteger(processes) || processes < 1 || processes > mostProcesses) {
    throw new Error(
      `--processes is ${JSON.stringify(values.processes)}; it must be a whole number from 1 to ${mostProcesses}.`,
    );
  }
  return {
    processes,
    ...(values.process !== undefined && { process: Number(values.process) }),
    greets: values.greets ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        processes: { type: 'string' },
        // Given by the process that starts the group, to those in it.
        process: { type: 'string' },
        greets: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message.replace(/\.?$/, '.')} See \`sluice serve --help\`.`, { cause: error });
  }
}
