import { newId } from '../../core/new-id.ts';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import { authorise } from '../../identity/authorise.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { LimitChange, LimitRow, LimitStore, NewLimit } from '../../store/limit-store.ts';

export interface LimitServiceDeps {
  store: LimitStore;
  audited: AuditedChange;
}

export type LimitWish = Pick<NewLimit, 'subject' | 'subjectId' | 'model'> & LimitChange & { organisationId?: string };

/** Setting limits on behalf of somebody: every act asks `authorise` first and leaves a row of the audit. */
export function createLimitService({ store, audited }: LimitServiceDeps) {
  async function find(actor: Principal, id: string, action: 'limits:read' | 'limits:write'): Promise<LimitRow> {
    const row = await store.byId(id);
    if (!row) throw noSuchLimit(id);
    authorise(actor, action, { kind: 'limit', id, organisationId: row.organisationId });
    return row;
  }

  async function checkSubject(organisationId: string, { subject, subjectId }: LimitWish): Promise<void> {
    if (subject === 'organisation') {
      if (typeof subjectId === 'string' && subjectId !== organisationId)
        throw new SluiceError('not_found', `There is no organisation ${JSON.stringify(subjectId)}.`);
      return;
    }
    // A thread's name is its caller's own.
    if (subject === 'thread' || typeof subjectId !== 'string') return;
    if (await store.hasSubject(organisationId, subject, subjectId)) return;
    throw new SluiceError('not_found', `There is no ${subject} ${JSON.stringify(subjectId)} in this organisation.`, {
      param: 'subjectId',
    });
  }

  return {
    async create(actor: Principal, wish: LimitWish): Promise<LimitRow> {
      const organisationId = wish.organisationId ?? actor.organisationId;
      authorise(actor, 'limits:write', { kind: 'organisation', id: organisationId, organisationId });
      checkFigures(wish);
      await checkSubject(organisationId, wish);
      return audited(actor, async (tx, note) => {
        const row = await store.insert({ ...wish, id: newId('lim_'), organisationId }, tx);
        await note(noteOf('limit.create', row));
        return row;
      });
    },
    /** Those of the actor's organisation; an operator may name another one. */
    async list(actor: Principal, organisationId: string = actor.organisationId): Promise<LimitRow[]> {
      authorise(actor, 'limits:read', { kind: 'organisation', id: organisationId, organisationId });
      return store.list(organisationId);
    },
    get: (actor: Principal, id: string): Promise<LimitRow> => find(actor, id, 'limits:read'),
    async update(actor: Principal, id: string, change: LimitChange): Promise<LimitRow> {
      const before = await find(actor, id, 'limits:write');
      checkFigures({ ...before, ...change });
      return audited(actor, async (tx, note) => {
        const row = await store.update(id, change, tx);
        if (!row) throw noSuchLimit(id);
        await note(noteOf('limit.update', row));
        return row;
      });
    },
    async remove(actor: Principal, id: string): Promise<LimitRow> {
      await find(actor, id, 'limits:write');
      return audited(actor, async (tx, note) => {
        const row = await store.remove(id, tx);
        if (!row) throw noSuchLimit(id);
        await note(noteOf('limit.delete', row));
        return row;
      });
    },
  };
}

export type LimitService = ReturnType<typeof createLimitService>;

function checkFigures({ requestsPerMinute, tokensPerMinute, concurrent }: LimitChange): void {
  if ([requestsPerMinute, tokensPerMinute, concurrent].some((figure) => typeof figure === 'number')) return;
  throw invalidRequest('Say at least one of `requestsPerMinute`, `tokensPerMinute` and `concurrent`.');
}

function noteOf(action: string, row: LimitRow) {
  const { id, organisationId, subject, subjectId, model, requestsPerMinute, tokensPerMinute, concurrent } = row;
  return {
    action,
    target: { kind: 'limit', id },
    organisationId,
    detail: { subject, subjectId, model, requestsPerMinute, tokensPerMinute, concurrent },
  };
}

const noSuchLimit = (id: string) => new SluiceError('not_found', `There is no limit ${JSON.stringify(id)}.`);
