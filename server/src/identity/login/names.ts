/** Where logging in is served. */
export const loginPath = '/api/auth';

/** The address that a request came from, written by the front and never taken from a caller. */
export const addressHeader = 'x-sluice-caller-address';

/** How long a link to a new password is good. */
export const resetSeconds = 3600;

/** The prefix of every cookie. Browsers take `__Host-` from this very host over TLS only, for all of its paths. */
export const cookiePrefix = (origin: string): string => (origin.startsWith('https:') ? '__Host-sluice' : 'sluice');

export const sessionCookie = (origin: string): string => `${cookiePrefix(origin)}.session_token`;

/** Where somebody chooses a new password. */
export const resetUrl = (origin: string, token: string): string =>
  `${origin}/reset-password?token=${encodeURIComponent(token)}`;

/** Who somebody is at an issuer: the pair that never changes hands (OpenID Connect Core 1.0, 5.7). An address of mail may. */
export const subjectAt = (issuer: string, sub: string): string => `${issuer} ${sub}`;
