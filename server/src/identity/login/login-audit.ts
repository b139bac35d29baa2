import { defaultOrganisationId } from '../../core/principal.ts';
import type { AuditActor, AuditedChange } from '../../store/audit-store.ts';
import type { LoginStore, UserRow } from '../../store/login-store.ts';

export interface LoginAuditDeps {
  audited: AuditedChange;
  store: Pick<LoginStore, 'organisationsOf'>;
}

export interface LoginFacts {
  /** How they tried: `password`, `passkey`, `two-factor`, `oidc`, `sign-up`. */
  method?: string;
  /** Why not, in better-auth's word for it. */
  reason?: string;
  /** What was given for an address of mail, when nobody has it. */
  email?: string;
  provider?: string;
  address?: string;
}

/** Writes down logins, failed ones and logouts, in the person's first organisation; strangers belong to the default one. */
export function createLoginAudit({ audited, store }: LoginAuditDeps) {
  async function write(action: string, user: UserRow | undefined, facts: LoginFacts): Promise<void> {
    const [first] = user ? await store.organisationsOf(user.id) : [];
    const actor: AuditActor = {
      kind: 'user',
      keyId: user ? `session:${user.id}` : 'nobody',
      keyName: user?.name ?? 'somebody',
      organisationId: first?.organisationId ?? defaultOrganisationId,
    };
    const detail = Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
    await audited(actor, (_tx, note) => note({ action, target: { kind: 'user', id: user?.id ?? 'unknown' }, detail }));
  }

  return {
    succeeded: (user: UserRow, facts: LoginFacts) => write('login.succeeded', user, facts),
    failed: (user: UserRow | undefined, facts: LoginFacts) => write('login.failed', user, facts),
    loggedOut: (user: UserRow, facts: LoginFacts) => write('logout', user, facts),
    /** A change of one's own way to log in. */
    changed: (action: string, user: UserRow, facts: LoginFacts) => write(action, user, facts),
  };
}

export type LoginAudit = ReturnType<typeof createLoginAudit>;
