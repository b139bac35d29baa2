import { createSmtp } from './egress/smtp.ts';
import type { Grants } from './identity/grants.ts';
import type { InvitationService } from './identity/invitation-service.ts';
import { createLocalAttempts, createSharedAttempts } from './identity/login/attempts.ts';
import type { BetterAuth } from './identity/login/better-auth.ts';
import { createFirstRun } from './identity/login/first-run.ts';
import { createLoginFront } from './identity/login/front.ts';
import { invitationRoutes } from './identity/login/invitation-routes.ts';
import { createIssuers, type FetchIssuer } from './identity/login/issuers.ts';
import { createLoginAudit } from './identity/login/login-audit.ts';
import { createMailer, type Mailer } from './identity/login/mailer.ts';
import { resetSeconds, resetUrl, sessionCookie } from './identity/login/names.ts';
import { createOrigins } from './identity/login/origins.ts';
import { createSessionService } from './identity/login/session-service.ts';
import { createSessions } from './identity/login/sessions.ts';
import type { LoginSettings } from './identity/login/settings.ts';
import { createTokens } from './identity/login/tokens.ts';
import type { MasterKey } from './identity/master-key.ts';
import type { UserPrincipals } from './identity/principal-of-user.ts';
import type { Bus } from './realtime/bus.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { Sql } from './store/database.ts';
import { createLoginStore } from './store/login-store.ts';
import type { SharedRedis } from './store/redis.ts';

export interface LoginParts {
  settings(): LoginSettings;
  sql: () => Promise<Sql>;
  dataDir: string;
  /** Makes a setup token while there is nobody. */
  invites: boolean;
  masterKey: MasterKey;
  principals: UserPrincipals;
  invitations: InvitationService;
  grants: Grants;
  audited: AuditedChange;
  bus: Pick<Bus, 'subscribe'>;
  redis: SharedRedis | undefined;
  addressOf(request: Request): string | undefined;
  /** The way out to issuers. */
  fetch: FetchIssuer;
  onFault(message: string, cause: unknown): void;
}

/** So many addresses of this machine may be served at once when none is configured. */
const mostInstances = 8;
/** What ends sessions, or changes who a token is. */
export const loginNouns = ['session', 'logout', 'user', 'password', 'two-factor', 'account', 'organisation', 'role'];
const tidyEveryMs = 3_600_000;

/** How people log in, and who a session or a token is. */
export function composeLogin(parts: LoginParts) {
  const { settings, sql, dataDir, masterKey, principals, invitations, grants, audited, bus, redis } = parts;
  const { addressOf, fetch, onFault } = parts;
  const store = createLoginStore(sql);
  // Cookies are signed with the newest; second factors that were sealed under an older one are opened with that.
  const secrets = masterKey.versions.map((version) => ({
    version,
    value: masterKey.derive('login', version).toString('base64url'),
  }));
  const secret = secrets[0]!.value;
  const issuers = createIssuers({ fetch });
  const origins = createOrigins({ settings });
  const sessions = createSessions({ store, principals, origins, cookieName: sessionCookie, secret });
  const tokens = createTokens({ settings, issuers, store, principals });
  const local = createLocalAttempts();

  let made: { settings: LoginSettings; mailer?: Mailer; auths: Map<string, Promise<BetterAuth>> } | undefined;
  /** What hangs on the settings is made anew when they change. */
  function current() {
    const now = settings();
    if (made?.settings !== now) {
      const mailer =
        now.smtp &&
        createMailer({ send: createSmtp(now.smtp), onFault: (error) => onFault('a mail was not sent', error) });
      made = { settings: now, mailer, auths: new Map() };
    }
    return made;
  }

  function authFor(origin: string): Promise<BetterAuth> {
    const { settings: now, mailer, auths } = current();
    let auth = auths.get(origin);
    if (!auth) {
      if (auths.size >= mostInstances) auths.clear();
      const deps = { origin, settings: now, secrets, issuers, mailer, store, invitations, audited, onFault };
      // Loaded by the first login: it takes tens of megabytes, which a gateway for programs alone never needs.
      const loaded = import('./identity/login/better-auth.ts');
      auth = Promise.all([sql(), loaded]).then(([ready, { createBetterAuth }]) =>
        createBetterAuth({ ...deps, sql: ready }),
      );
      auth.catch(() => auths.delete(origin));
      auths.set(origin, auth);
    }
    return auth;
  }

  const unsubscribe = bus.subscribe(loginNouns, () => {
    sessions.forget();
    tokens.forget();
  });
  const tidying = setInterval(() => void store.removeExpired(new Date()).catch(() => {}), tidyEveryMs);
  tidying.unref?.();

  const firstRun = createFirstRun({ dataDir, store, audited });
  const setupToken = parts.invites ? firstRun.open() : Promise.resolve(undefined);
  // Whoever asks for it hears of a fault.
  setupToken.catch(() => {});
  return {
    /** `/api/auth/*`. */
    handle: createLoginFront({
      origins,
      authFor,
      sessions,
      store,
      attempts: redis ? createSharedAttempts({ redis, local }) : local,
      audit: createLoginAudit({ audited, store }),
      own: invitationRoutes(invitations),
      secret,
      addressOf,
      onFault,
    }),
    sessions,
    tokens,
    firstRun,
    issuers: () => settings().oidc.map(({ id, name = id }) => ({ id, name })),
    /** Shown on the console; undefined once there is somebody. */
    setupToken,
    sessionService: createSessionService({
      store,
      sessions,
      audited,
      permissionsOf: grants.permissionsOf,
      async keepReset(origin, userId, token, expiresAt) {
        const { internalAdapter } = await (await authFor(origin)).$context;
        await internalAdapter.createVerificationValue({
          identifier: `reset-password:${token}`,
          value: userId,
          expiresAt,
        });
      },
      resetUrl,
      resetSeconds,
    }),
    /** Invitations that go out by mail where there is mail; they are shown to whoever made them all the same. */
    invitations: {
      ...invitations,
      async create(...wish: Parameters<InvitationService['create']>) {
        const invitation = await invitations.create(...wish);
        const { mailer, settings: now } = current();
        if (mailer && now.url !== undefined) {
          const url = `${new URL(now.url).origin}/invitation?token=${encodeURIComponent(invitation.token)}`;
          await mailer.sendInvitation(invitation.row.email, url);
        }
        return invitation;
      },
    } satisfies InvitationService,
    close(): void {
      clearInterval(tidying);
      unsubscribe();
    },
  };
}

export type Login = ReturnType<typeof composeLogin>;
