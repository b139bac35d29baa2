import { z } from 'zod';

/** The form of the archive itself. */
export const archiveFormat = 1;
export const manifestName = 'manifest.json';

const count = z.number().int().nonnegative();

/** What an archive says of itself: its last entry. */
export const manifestSchema = z.object({
  product: z.literal('sluice'),
  format: z.number().int(),
  /** Of the program that wrote it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  database: z.object({
    kind: z.enum(['embedded', 'postgresql']),
    /** The newest migration of its tables. */
    schemaVersion: count,
    schema: z.string(),
  }),
  tables: z.record(z.string(), z.object({ columns: z.array(z.string()), rows: count })),
  /** The last number that a sequence gave. */
  sequences: z.record(z.string(), z.string()),
  /** Stored secrets that open only with the master key. */
  sealedSecrets: count,
  /** Tells master keys apart without saying anything of them. */
  masterKeyPrint: z.string().nullable(),
  /** The master key, the admin key and the configuration are in it. */
  hasSecrets: z.boolean(),
  entries: z.record(z.string(), z.object({ bytes: count, sha256: z.string() })),
});

export type Manifest = z.infer<typeof manifestSchema>;
