import { SluiceError } from '../../core/sluice-error.ts';
import type { LoginSettings } from './settings.ts';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export interface OriginsDeps {
  settings(): Pick<LoginSettings, 'url'>;
}

/** Knows the origins that people log in at: the configured one, else whatever this machine is called by itself. */
export function createOrigins({ settings }: OriginsDeps) {
  let known: { url: string; origin: string } | undefined;
  return {
    /** The origin that a request was sent to; undefined when nobody may log in there. */
    of(request: Request): string | undefined {
      const { url } = settings();
      if (url !== undefined) {
        if (known?.url !== url) known = { url, origin: new URL(url).origin };
        return known.origin;
      }
      // A host name that a caller made up must not get into links, so without a configured address only these are believed.
      const { hostname, host } = new URL(request.url);
      return loopback.test(hostname) ? `http://${host}` : undefined;
    },
  };
}

export type Origins = ReturnType<typeof createOrigins>;

/**
 * Refuses what another site made the browser send: cookies go along with that. Throws `forbidden`. The browser says where a
 * request comes from in `origin`, or, where it leaves that out, in `sec-fetch-site`; neither can be set by a page.
 */
export function requireSameOrigin({ headers }: Request, origin: string): void {
  const from = headers.get('origin');
  const same = from === null ? headers.get('sec-fetch-site') === 'same-origin' : from === origin;
  if (same) return;
  throw new SluiceError(
    'forbidden',
    `A session may change things only from pages of ${origin}: this request ${from === null ? 'does not say where it comes from' : `comes from ${JSON.stringify(from)}`}. Programs use a key.`,
  );
}
