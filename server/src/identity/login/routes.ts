/** What a route of `/api/auth` is to us, beside what better-auth makes of it. */
export interface LoginRoute {
  method: 'GET' | 'POST';
  /** Below `/api/auth`; `*` stands for one segment. */
  path: string;
  /** A session may come of it; how the person proves who they are. */
  login?: 'password' | 'passkey' | 'two-factor' | 'oidc' | 'sign-up';
  /** It is a try at something secret, so how often is counted. */
  guarded?: boolean;
  /** What is written down when a person who is logged in has done it. */
  change?: string;
}

/** Every route that is served: better-auth has more, which nobody needs here, and those of invitations are ours. */
export const loginRoutes: readonly LoginRoute[] = [
  { method: 'POST', path: '/sign-in/email', login: 'password', guarded: true },
  { method: 'POST', path: '/sign-in/social', guarded: true },
  { method: 'GET', path: '/callback/*', login: 'oidc', guarded: true },
  { method: 'POST', path: '/sign-up/email', login: 'sign-up', guarded: true },
  { method: 'POST', path: '/sign-out' },
  { method: 'GET', path: '/get-session' },
  { method: 'POST', path: '/invitation', guarded: true },
  { method: 'POST', path: '/accept-invitation', guarded: true },
  { method: 'POST', path: '/request-password-reset', guarded: true },
  { method: 'POST', path: '/reset-password', guarded: true },
  { method: 'POST', path: '/send-verification-email', guarded: true },
  { method: 'GET', path: '/verify-email', guarded: true },
  { method: 'POST', path: '/change-password', guarded: true, change: 'password.change' },
  { method: 'POST', path: '/update-user', change: 'user.update' },
  { method: 'GET', path: '/list-accounts' },
  { method: 'POST', path: '/link-social' },
  { method: 'POST', path: '/unlink-account', change: 'account.unlink' },
  { method: 'POST', path: '/two-factor/enable', guarded: true, change: 'two-factor.begin' },
  { method: 'POST', path: '/two-factor/disable', guarded: true, change: 'two-factor.disable' },
  { method: 'POST', path: '/two-factor/get-totp-uri', guarded: true },
  { method: 'POST', path: '/two-factor/verify-totp', login: 'two-factor', guarded: true, change: 'two-factor.enable' },
  { method: 'POST', path: '/two-factor/verify-backup-code', login: 'two-factor', guarded: true },
  {
    method: 'POST',
    path: '/two-factor/generate-backup-codes',
    guarded: true,
    change: 'two-factor.renew-backup-codes',
  },
  { method: 'GET', path: '/passkey/generate-register-options' },
  { method: 'POST', path: '/passkey/verify-registration', change: 'passkey.create' },
  { method: 'GET', path: '/passkey/generate-authenticate-options', guarded: true },
  { method: 'POST', path: '/passkey/verify-authentication', login: 'passkey', guarded: true },
  { method: 'GET', path: '/passkey/list-user-passkeys' },
  { method: 'POST', path: '/passkey/update-passkey', change: 'passkey.update' },
  { method: 'POST', path: '/passkey/delete-passkey', change: 'passkey.delete' },
];

/** The route of a path below `/api/auth`, exactly as it was sent. */
export const findLoginRoute = (method: string, path: string): LoginRoute | undefined =>
  loginRoutes.find((route) => route.method === method && matches(route.path, path));

const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith('/*')
    ? path.startsWith(pattern.slice(0, -1)) && /^[\w.~-]+$/.test(path.slice(pattern.length - 1))
    : pattern === path;
