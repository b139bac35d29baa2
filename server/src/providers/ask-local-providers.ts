import type { ModelInfo } from '../core/model-info.ts';
import type { Egress } from '../egress/client.ts';
import type { Provider } from './provider.ts';

const patienceMs = 5000;

/** Asks the local providers what models they have, each for 5 s at most. One that does not answer has none just now. */
export async function askLocalProviders(providers: Iterable<Provider>, egress: Egress) {
  const reported = new Map<string, ModelInfo[]>();
  await Promise.all(
    [...providers]
      .filter(({ local, kind }) => local && kind !== 'sandbox')
      .map(async (provider) => {
        const models = await provider.listModels(egress, AbortSignal.timeout(patienceMs)).catch(() => []);
        reported.set(
          provider.id,
          models.map((model) => ({ ...model, provider: provider.id })),
        );
      }),
  );
  return reported;
}
