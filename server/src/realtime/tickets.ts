import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Where what a ticket stands for is kept until it is taken, by a name that does not give the ticket away. */
export interface TicketStore {
  /** False when it cannot be said to be kept. */
  put(name: string, sealed: string, ttlMs: number): Promise<boolean>;
  /** Takes it away and gives it, to one of those who ask only; undefined when it is not there, or too old. */
  take(name: string): Promise<string | undefined>;
}

export interface TicketsDeps {
  /** Where other replicas find it too; what it cannot keep is kept in this process. */
  shared?: TicketStore;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export const ticketMs = 30_000;
const mostLocal = 10_000;

/**
 * Tickets that open one socket within 30 seconds: a browser can send no key with a WebSocket, and an address with a key in it
 * ends up in logs. A ticket is `tkt_` and 160 random bits. What it stands for is sealed under the ticket itself, so whoever
 * reads the store (Redis) can neither use it nor read it.
 */
export function createTickets({ shared, now = Date.now }: TicketsDeps = {}) {
  const local = createLocalTickets({ now });

  async function issueAt(store: TicketStore, content: object): Promise<string | undefined> {
    const ticket = `tkt_${randomBytes(20).toString('hex')}`;
    return (await store.put(nameOf(ticket), seal(ticket, JSON.stringify(content)), ticketMs)) ? ticket : undefined;
  }

  return {
    /** A new ticket for what can be written as JSON. */
    async issue(content: object): Promise<{ ticket: string; expiresAt: Date }> {
      const expiresAt = new Date(now() + ticketMs);
      // A second one, not the same: the first may have been kept all the same, and would then open two sockets.
      const ticket = (shared && (await issueAt(shared, content))) ?? (await issueAt(local, content));
      return { ticket: ticket!, expiresAt };
    },
    /** What the ticket stands for; undefined when it is unknown, used or expired. Rejects when the store does. */
    async take(ticket: string): Promise<unknown> {
      if (!/^tkt_[0-9a-f]{40}$/.test(ticket)) return undefined;
      const name = nameOf(ticket);
      const sealed = (await local.take(name)) ?? (await shared?.take(name));
      return sealed === undefined ? undefined : JSON.parse(unseal(ticket, sealed));
    },
  };
}

export type Tickets = ReturnType<typeof createTickets>;

function createLocalTickets({ now }: { now: () => number }): TicketStore {
  /** The oldest first, for all live equally long. */
  const kept = new Map<string, { sealed: string; untilMs: number }>();
  return {
    async put(name, sealed, ttlMs) {
      for (const [old, { untilMs }] of kept) {
        if (untilMs > now() && kept.size < mostLocal) break;
        kept.delete(old);
      }
      kept.set(name, { sealed, untilMs: now() + ttlMs });
      return true;
    },
    async take(name) {
      const found = kept.get(name);
      kept.delete(name);
      return found && found.untilMs > now() ? found.sealed : undefined;
    },
  };
}

const derive = (ticket: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', ticket, '', `sluice ticket ${purpose}`, 32));

const nameOf = (ticket: string): string => derive(ticket, 'name').toString('hex');

// The key is used once, so one nonce is enough.
const nonce = Buffer.alloc(12);

function seal(ticket: string, text: string): string {
  const cipher = createCipheriv('aes-256-gcm', derive(ticket, 'key'), nonce);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function unseal(ticket: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', derive(ticket, 'key'), nonce);
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
}
