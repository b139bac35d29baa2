import { type Client, createClient } from '../../api/client.ts';
import type { Limit } from '../../api/types.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { findKey } from '../keys/find-key.ts';
import { describeSubject, figureOf } from './describe-limit.ts';

const subjects = ['organisation', 'team', 'user', 'key', 'thread'];

export const setLimit = defineCommand({
  name: 'set',
  summary: 'Set a limit, or change the one that there is',
  details:
    'Sets a limit for one team, user, key or thread, or without an id for each of them; one of a single model when --model is given. Figures that are not named stay as they are.',
  positionals: [
    { name: 'organisation, team, user, key or thread', required: true },
    { name: 'id', required: false },
  ],
  options: {
    model: { type: 'string', short: 'm', value: 'model', summary: 'Only calls to this model; may end in *' },
    requests: { type: 'string', value: 'number', summary: 'Requests within a minute; `none` takes the figure away' },
    tokens: { type: 'string', value: 'number', summary: 'Tokens in and out within a minute; or `none`' },
    concurrent: { type: 'string', value: 'number', summary: 'Calls at the same time; or `none`' },
  },
  examples: [
    'sluice limits set key --requests 60',
    'sluice limits set key laptop --tokens 100000 --concurrent 4',
    'sluice limits set organisation --model "openai/*" --requests 500',
  ],
  async run({ words: [subject = '', id], options, output, connection }) {
    if (!subjects.includes(subject))
      throw new UsageError(`There are no limits of a \`${subject}\`.`, `Limits are set for: ${subjects.join(', ')}.`);
    const figures = {
      ...readFigure('requests', 'requestsPerMinute', options.requests),
      ...readFigure('tokens', 'tokensPerMinute', options.tokens),
      ...readFigure('concurrent', 'concurrent', options.concurrent),
    };
    if (Object.keys(figures).length === 0)
      throw new UsageError('Say at least one of --requests, --tokens and --concurrent.');
    const client = createClient(connection());
    const subjectId = await subjectIdOf(client, subject, id);
    const model = options.model ?? null;
    const known = (await client.list<Limit>('/api/v1/limits')).find(
      (each) => each.subject === subject && each.subjectId === subjectId && each.model === model,
    );
    const limit = known
      ? await client.patch<Limit>(`/api/v1/limits/${encodeURIComponent(known.id)}`, figures)
      : await client.post<Limit>('/api/v1/limits', { subject, subjectId, model, ...figures });
    output.print(limit, () => describe(known ? 'Changed' : 'Set', limit));
  },
});

/** Keys are named by people; other things by their id. */
async function subjectIdOf(client: Client, subject: string, id: string | undefined): Promise<string | null> {
  if (id === undefined) return null;
  return subject === 'key' ? (await findKey(client, id)).id : id;
}

function readFigure(option: string, name: string, text: string | undefined): Record<string, number | null> {
  if (text === undefined) return {};
  if (text === 'none') return { [name]: null };
  const figure = Number(text);
  if (!/^\d+$/.test(text) || figure < 1) throw new UsageError(`\`--${option} ${text}\` is no number above 0.`);
  return { [name]: figure };
}

const describe = (done: string, limit: Limit): string =>
  [
    `${done} the limit of ${describeSubject(limit)} (${limit.id})`,
    '',
    `Model       ${limit.model === null ? 'any' : printable(limit.model)}`,
    `Requests    ${figureOf(limit.requestsPerMinute)} a minute`,
    `Tokens      ${figureOf(limit.tokensPerMinute)} a minute`,
    `At a time   ${figureOf(limit.concurrent)}`,
  ].join('\n');
