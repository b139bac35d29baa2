import type { Client } from '../../api/client.ts';
import type { Guardrail } from '../../api/types.ts';
import { CliError } from '../../cli-error.ts';
import { didYouMean } from '../../suggest.ts';

/** The rule of an id or a name. */
export async function findGuardrail(client: Client, wanted: string): Promise<Guardrail> {
  const rules = await client.list<Guardrail>('/api/v1/guardrails');
  const own = rules.filter(({ source }) => source === 'organisation');
  const found = own.find(({ id }) => id === wanted) ?? own.find(({ name }) => name === wanted);
  if (found) return found;
  if (rules.some(({ name }) => name === wanted))
    throw new CliError(
      `The guardrail ${JSON.stringify(wanted)} stands in sluice.yaml.`,
      'The operator changes it there.',
    );
  const near = didYouMean(
    wanted,
    own.map(({ name }) => name),
  );
  throw new CliError(`There is no guardrail ${JSON.stringify(wanted)}.`, near ?? '`sluice guardrails list` shows all.');
}
