import { passkey } from '@better-auth/passkey';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { betterAuth } from 'better-auth/minimal';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { newId } from '../../core/new-id.ts';
import type { Sql } from '../../store/database.ts';
import { accounts, passkeys, sessions, twoFactors, users, verifications } from '../../store/schema.ts';
import { createLoginHooks, type LoginHooksDeps } from './hooks.ts';
import type { Issuers } from './issuers.ts';
import type { Mailer } from './mailer.ts';
import { addressHeader, cookiePrefix, loginPath, resetSeconds, resetUrl } from './names.ts';
import { createOidcProvider } from './oidc-provider.ts';
import type { LoginSettings } from './settings.ts';

const appName = 'Sluice';
const day = 86_400;

const tables = {
  user: users,
  session: sessions,
  account: accounts,
  verification: verifications,
  passkey: passkeys,
  twoFactor: twoFactors,
};

const prefixes: Record<string, string> = {
  user: 'user_',
  session: 'ses_',
  account: 'acc_',
  verification: 'ver_',
  passkey: 'pk_',
  twoFactor: 'tf_',
};

export interface BetterAuthDeps extends LoginHooksDeps {
  sql: Sql;
  /** Where people reach the server: the one origin that this instance serves. */
  origin: string;
  settings: LoginSettings;
  /** Newest first: that one signs and seals, the others still open. */
  secrets: { version: number; value: string }[];
  issuers: Issuers;
  mailer?: Mailer;
  onFault(message: string, cause: unknown): void;
}

/** better-auth over our tables, for one origin. It reaches out to nobody: mails and issuers go by what it is given. */
export function createBetterAuth(deps: BetterAuthDeps) {
  const { sql, origin, settings, secrets, issuers, mailer, onFault } = deps;
  const providers = settings.oidc.map((each) => createOidcProvider(each, issuers));
  const hooks = createLoginHooks(deps);
  return betterAuth({
    appName,
    baseURL: origin,
    basePath: loginPath,
    secrets,
    // Without transactions: the embedded database has one connection, which hooks that write would wait for in vain.
    database: drizzleAdapter(sql, { provider: 'pg', schema: tables, transaction: false }),
    telemetry: { enabled: false },
    trustedOrigins: [origin],
    // Ours count by address and by account, across replicas.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: cookiePrefix(origin),
      // The prefix above says it already; better-auth would put its own before that.
      useSecureCookies: false,
      defaultCookieAttributes: {
        secure: origin.startsWith('https:'),
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
      },
      disableCSRFCheck: false,
      disableOriginCheck: false,
      // The front writes down the address that the connection came from.
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { generateId: ({ model }) => newId(prefixes[model] ?? 'row_') },
    },
    session: {
      expiresIn: Math.round(settings.sessionDays * day),
      updateAge: Math.round((settings.sessionDays * day) / 7),
      cookieCache: { enabled: false },
    },
    verification: { storeIdentifier: 'hashed' },
    account: {
      updateAccountOnSignIn: false,
      accountLinking: {
        enabled: true,
        // An address of mail proves nothing here: another way to log in is added by somebody who is logged in.
        disableImplicitLinking: true,
        allowDifferentEmails: true,
        trustedProviders: settings.oidc.map(({ id }) => id),
      },
    },
    user: { changeEmail: { enabled: false }, deleteUser: { enabled: false } },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 10,
      maxPasswordLength: 128,
      requireEmailVerification: mailer !== undefined,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: resetSeconds,
      ...(mailer && {
        sendResetPassword: ({ user, token }: { user: { email: string; name: string }; token: string }) =>
          mailer.sendPasswordReset(user, resetUrl(origin, token)),
      }),
    },
    ...(mailer && {
      emailVerification: {
        sendOnSignUp: true,
        sendOnSignIn: true,
        autoSignInAfterVerification: false,
        sendVerificationEmail: ({ user, url }: { user: { email: string; name: string }; url: string }) =>
          mailer.sendVerification(user, url),
      },
    }),
    databaseHooks: hooks,
    plugins: [
      { id: 'oidc', init: () => ({ context: { socialProviders: providers } }) },
      twoFactor({ issuer: appName }),
      passkey({
        rpID: new URL(origin).hostname,
        rpName: appName,
        origin,
        advanced: { webAuthnChallengeCookie: 'passkey' },
      }),
    ],
    onAPIError: { errorURL: `${origin}${loginPath}/error` },
    logger: {
      // At any stricter level it writes what callers do wrong to the console, past this.
      level: 'info',
      log: (level, message, ...rest) => {
        if (level === 'error' && rest[0] instanceof Error) onFault(message, rest[0]);
      },
    },
  });
}

export type BetterAuth = ReturnType<typeof createBetterAuth>;
