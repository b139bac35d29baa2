import { type Command, commonOptions, type OptionSpecs } from './command.ts';
import { wrap } from './format/text.ts';
import type { Colours } from './output.ts';

const helpWidth = 80;

/** The help of a command, at most 80 columns wide. */
export function renderHelp(command: Command, path: readonly string[], colours: Colours): string {
  const name = ['sluice', ...path].join(' ');
  const { summary, details, positionals = [], options, examples = [], subcommands = [] } = command;
  const words = positionals.map(({ name: word, required, rest }) => {
    const shown = rest ? `${word}…` : word;
    return required ? `<${shown}>` : `[${shown}]`;
  });
  const usage: string[] = [];
  if (command.run) usage.push([name, ...words, '[options]'].join(' '));
  if (subcommands.length > 0) usage.push(`${name} <command> [options]`);
  const title = (text: string) => colours.bold(text);
  return [
    wrap(details ?? `${summary}.`, helpWidth),
    `${title('Usage')}\n${usage.map((line) => `  ${line}`).join('\n')}`,
    subcommands.length > 0 &&
      `${title('Commands')}\n${columns(
        subcommands.map((each) => [each.name, each.summary]),
        colours,
      )}`,
    `${title('Options')}\n${columns(optionRows({ ...options, ...commonOptions }), colours)}`,
    examples.length > 0 && `${title('Examples')}\n${examples.map((line) => `  ${line}`).join('\n')}`,
    subcommands.length > 0 && `\`${name} <command> --help\` says more about a command.`,
  ]
    .filter((part) => typeof part === 'string')
    .join('\n\n');
}

const optionRows = (options: OptionSpecs): [string, string][] =>
  Object.entries(options).map(([name, { short, value, type, summary }]) => [
    `${short ? `-${short}, ` : ''}--${name}${type === 'string' ? ` <${value ?? name}>` : ''}`,
    summary,
  ]);

/** Terms at the left, what they mean at the right, wrapped under itself. */
function columns(rows: [string, string][], colours: Colours): string {
  const left = Math.max(...rows.map(([term]) => term.length));
  const indent = ' '.repeat(left + 4);
  return rows
    .map(([term, meaning]) => {
      const lines = wrap(meaning, helpWidth - indent.length).split('\n');
      return `  ${colours.cyan(term.padEnd(left))}  ${lines.join(`\n${indent}`)}`;
    })
    .join('\n');
}
