import type { ConfigFile } from './config/schema.ts';
import type { Deployment } from './core/target.ts';
import type { Health } from './router/health.ts';
import { createTurns, type QueuePlace } from './router/turns.ts';
import type { Setup } from './setup.ts';

export interface TurnsDeps {
  setup(): Setup;
  health: Health;
  /** Replicas that share what a provider allows. */
  replicas(): number;
}

/** Where calls take turns, as the configuration says: at a model that has a line of its own, else at its provider. */
export function composeTurns({ setup, health, replicas }: TurnsDeps) {
  let read: { config: ConfigFile; places: ReturnType<typeof placesOf> } | undefined;
  return createTurns({
    health,
    replicas,
    placeOf(deployment) {
      const { config, registry } = setup();
      if (read?.config !== config) read = { config, places: placesOf(config, registry) };
      const { places } = read;
      // Nearly always: nobody has configured a line.
      return places && (places.models.get(deployment.id) ?? places.providers.get(deployment.provider));
    },
  });
}

function placesOf(config: ConfigFile, registry: Setup['registry']) {
  const providers = new Map<string, QueuePlace>();
  for (const [name, { queue }] of Object.entries(config.providers))
    if (queue) providers.set(name, { name, settings: queue });
  const models = new Map<Deployment['id'], QueuePlace>();
  for (const { id, queue } of config.models) {
    if (!queue) continue;
    for (const deployment of registry.findModel(id)?.model.deployments ?? [])
      models.set(deployment.id, { name: id, settings: queue });
  }
  return providers.size + models.size > 0 ? { providers, models } : undefined;
}
