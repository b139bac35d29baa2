import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../core/new-id.ts';
import { defaultOrganisationId } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { LoginStore } from '../../store/login-store.ts';

export interface FirstOwner {
  token: string;
  name: string;
  email: string;
  password: string;
}

export interface FirstRunDeps {
  dataDir: string;
  store: Pick<LoginStore, 'hasUsers' | 'insertFirstUser'>;
  audited: AuditedChange;
}

const actor = {
  kind: 'operator' as const,
  keyId: 'setup',
  keyName: 'setup token',
  organisationId: defaultOrganisationId,
};

/** Makes the first person, for whoever can read the console: there is no password to begin with. */
export function createFirstRun({ dataDir, store, audited }: FirstRunDeps) {
  const path = join(dataDir, 'setup-token');
  const close = () => rmSync(path, { force: true });

  return {
    /** While there is nobody: a new token, which ends the one of the start before. Its hash is kept 0600 in the data folder. */
    async open(): Promise<string | undefined> {
      if (await store.hasUsers()) {
        close();
        return undefined;
      }
      const token = `setup_${randomBytes(20).toString('hex')}`;
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      close();
      writeFileSync(path, `${hash(token).toString('hex')}\n`, { mode: 0o600 });
      return token;
    },
    isOpen: async (): Promise<boolean> => !(await store.hasUsers()),
    /** The first person, as owner of the default organisation and operator. Throws `invalid_key` or `not_found`. */
    async complete({ token, name, email, password }: FirstOwner): Promise<{ id: string; organisationId: string }> {
      if (await store.hasUsers()) throw done();
      const kept = existsSync(path) ? Buffer.from(readFileSync(path, 'utf8').trim(), 'hex') : Buffer.alloc(0);
      const given = hash(token);
      if (kept.length !== given.length || !timingSafeEqual(kept, given)) {
        throw new SluiceError(
          'invalid_key',
          'This is not the setup token. It stands on the console of the server; a restart shows a new one.',
        );
      }
      const id = newId('user_');
      const { hashPassword } = await import('better-auth/crypto');
      const passwordHash = await hashPassword(password);
      const made = await audited(actor, async (tx, note) => {
        const user = { id, name, email: email.toLowerCase(), passwordHash, accountId: newId('acc_') };
        if (!(await store.insertFirstUser({ ...user, organisationId: defaultOrganisationId }, tx))) return false;
        await note({ action: 'setup.complete', target: { kind: 'user', id }, detail: { name, email: user.email } });
        return true;
      });
      close();
      if (!made) throw done();
      return { id, organisationId: defaultOrganisationId };
    },
  };
}

export type FirstRun = ReturnType<typeof createFirstRun>;

const hash = (token: string): Buffer => createHash('sha256').update(token).digest();
const done = () => new SluiceError('not_found', 'This gateway is set up already. Log in, or ask for an invitation.');
