import { z } from 'zod';
import type { ReplicaSecond } from './live-metrics.ts';
import { writeSums, writtenSums } from './live-sums.ts';

/** The channel on which each replica tells the others what it counted in the second that has just ended. */
export const liveChannel = 'live-metrics';

const messageSchema = z.object({
  from: z.string(),
  second: z.number().int(),
  inFlight: z.number().int().nonnegative(),
  organisations: z.array(z.tuple([z.string(), writtenSums])).transform((entries) => new Map(entries)),
});

/** What a replica counted, as a message. */
export const writeSecond = (from: string, { second, inFlight, organisations }: ReplicaSecond): string =>
  JSON.stringify({
    from,
    second,
    inFlight,
    organisations: [...organisations].map(([id, sums]) => [id, writeSums(sums)]),
  });

/** What another replica counted; undefined for what `self` sent, and for what another version wrote in another form. */
export function readSecond(self: string, message: string): ReplicaSecond | undefined {
  try {
    const { success, data } = messageSchema.safeParse(JSON.parse(message));
    return success && data.from !== self ? data : undefined;
  } catch {
    return undefined;
  }
}
