/** One secret of a provider, as far as a call needs it. `id` is what logs, health and the ledger call it. */
export interface OwnCredential {
  id: string;
  weight: number;
  secret: string;
}

/**
 * The keys that a caller's organisation, or the caller, brought for a provider; undefined when the gateway's are used. An
 * empty list: there is one, and it cannot be read.
 */
export type OwnCredentials = (provider: string) => readonly OwnCredential[] | undefined;
