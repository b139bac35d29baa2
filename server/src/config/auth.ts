import { z } from 'zod';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'Use small letters, digits and dashes.');
const httpUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (text) => text.startsWith('https:') || /^http:\/\/(127(\.\d+){3}|localhost|\[::1\])(:|\/|$)/.test(text),
    'Use https; plain http is for this machine alone.',
  );
const days = z.number().positive().max(365);

/** Signatures that need the issuer's private key. What is signed with a shared secret, or not at all, is never accepted. */
const algorithm = z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']);

/** Where somebody belongs who comes by an issuer and is not here yet. */
const join = z.strictObject({
  organisation: z.string().min(1).default('org_default'),
  role: z.string().min(1).default('member'),
});

const oidc = z.strictObject({
  id: id.refine((name) => name !== 'credential', '`credential` stands for passwords; choose another id.'),
  name: z.string().min(1).optional(),
  issuer: httpUrl,
  clientId: z.string().min(1),
  clientSecret: z.string().min(1).optional(),
  scopes: z.array(z.string().min(1)).default(['openid', 'email', 'profile']),
  algorithms: z.array(algorithm).min(1).default(['RS256']),
  join: join.optional(),
});

const issuer = z.strictObject({
  issuer: httpUrl,
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  algorithms: z.array(algorithm).min(1),
  jwks: httpUrl.optional(),
  claims: z
    .strictObject({
      role: z.string().min(1).optional(),
      organisation: z.string().min(1).optional(),
      email: z.string().min(1).default('email'),
    })
    .default({ email: 'email' }),
  roles: z.record(z.string(), z.string().min(1)).default({}),
  organisation: z.string().min(1).default('org_default'),
});

const smtp = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(587),
  secure: z.boolean().default(false),
  user: z.string().optional(),
  password: z.string().optional(),
  from: z.string().min(3),
});

const each = <Item>(of: (item: Item) => string) =>
  [(items: Item[]) => new Set(items.map(of)).size === items.length, 'Each may stand here once.'] as const;

/** The section `auth` of `sluice.yaml`: how people log in, and whose tokens are taken. */
export const auth = z
  .strictObject({
    url: httpUrl.optional(),
    signUp: z.enum(['invitation', 'open']).default('invitation'),
    sessionDays: days.default(7),
    smtp: smtp.optional(),
    oidc: z
      .array(oidc)
      .default([])
      .refine(...each<{ id: string }>((item) => item.id)),
    issuers: z
      .array(issuer)
      .default([])
      .refine(...each<{ issuer: string }>((item) => item.issuer)),
  })
  .refine(({ smtp, url }) => smtp === undefined || url !== undefined, {
    path: ['url'],
    message: 'Mails hold links, so with `smtp` it must say where people reach this gateway.',
  });
