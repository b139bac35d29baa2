import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ });
export const alertKinds = ['budget', 'errors', 'provider'] as const;
export type AlertKind = (typeof alertKinds)[number];

const common = { for: z.array(z.enum(alertKinds)).min(1).optional() };

const channel = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    url: httpUrl,
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'A secret is whsec_ and at least 24 bytes in base64.')
      .optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('slack'), url: httpUrl, ...common }),
  z.strictObject({ kind: z.literal('email'), to: z.array(z.email()).min(1), ...common }),
]);

/** The section `alerts` of `sluice.yaml`: who is told of what. */
export const alerts = z.strictObject({
  channels: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/), channel).default({}),
  /** Model calls that end in an error of the gateway or of providers. */
  errors: z
    .strictObject({
      above: z.number().gt(0).lt(1).default(0.05),
      minRequests: z.number().int().positive().default(20),
      windowSeconds: z.number().int().min(1).default(300),
    })
    .default({ above: 0.05, minRequests: 20, windowSeconds: 300 }),
  /** A provider at which every try fails. */
  provider: z
    .strictObject({
      failures: z.number().int().positive().default(5),
      afterSeconds: z.number().int().nonnegative().default(60),
    })
    .default({ failures: 5, afterSeconds: 60 }),
  repeatMinutes: z.number().positive().default(240),
  maxPerHour: z.number().int().positive().default(30),
});

export type AlertsSection = z.infer<typeof alerts>;
export type AlertChannel = z.infer<typeof channel>;
