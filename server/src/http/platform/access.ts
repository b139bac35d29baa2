import type { Principal } from '../../core/principal.ts';
import type { SluiceError } from '../../core/sluice-error.ts';

/** What every route of the platform API is given. */
export interface PlatformAccess {
  /** Who asks: by key, session or token. Throws `missing_key` or `invalid_key`. */
  identify(request: Request): Principal | Promise<Principal>;
  newId(prefix: string): string;
  /** Told of every fault of ours (5xx), for the log. */
  onFault(error: SluiceError, requestId: string): void;
}
