import { z } from 'zod';
import { isNetwork } from '../core/network.ts';

/** How long a value from a secret manager is believed before it is asked for again. */
export const secrets = z.strictObject({ refreshSeconds: z.number().int().positive().max(86_400).default(300) });

/** Proxies in front of this server whose `x-forwarded-for` is believed. */
export const trustedProxies = z.array(
  z.string().refine(isNetwork, 'Write an address or a network, like 127.0.0.1 or 10.0.0.0/8.'),
);
