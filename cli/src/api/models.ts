import type { Client } from './client.ts';
import type { ListedModel, Model } from './types.ts';

/** What this key may name: models with what is known of them, then aliases and groups. */
export async function listModels(client: Client): Promise<Model[]> {
  const [listed, known] = await Promise.all([
    client.list<ListedModel>('/v1/models'),
    client.list<Model>('/api/v1/models'),
  ]);
  const facts = new Map(known.map((model) => [model.id, model]));
  return listed.map(
    (model) =>
      facts.get(model.id) ?? {
        id: model.id,
        provider: model.owned_by,
        context: model.context_window,
        maxOutput: model.max_output_tokens,
        capabilities: model.capabilities,
        price: model.pricing,
      },
  );
}

/** `auto` where there is one, else the first that can chat. Undefined when there is none. */
export function defaultModel(models: readonly Model[]): string | undefined {
  const chat = models.filter(canChat);
  return (chat.find(({ id }) => id === 'auto') ?? chat[0])?.id;
}

export const canChat = ({ capabilities }: Model): boolean => !capabilities?.includes('embeddings');
