import { z } from 'zod';
import { newId } from '../../core/new-id.ts';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import { compileRule, type GuardRule } from '../../guard/compile.ts';
import { type Rule, type RuleInput, ruleFaults, ruleFields } from '../../guard/rule.ts';
import { createSchemaCheck } from '../../guard/schema-check.ts';
import { authorise } from '../../identity/authorise.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { GuardrailRow, GuardrailStore, NewGuardrail } from '../../store/guardrail-store.ts';
import { isUniqueViolation } from '../../store/unique-violation.ts';

export interface GuardrailServiceDeps {
  store: GuardrailStore;
  audited: AuditedChange;
  /** The moderation endpoints that the operator configured, by name. */
  endpoints(): readonly string[];
}

export interface GuardrailWish extends Rule {
  /** For operators: another organisation than the key's own. */
  organisationId?: string;
  /** Lower numbers come first; last, unless it is said. */
  order?: number;
}
/** What is null is taken away, what is absent stays. */
export type GuardrailChange = { [Field in keyof RuleInput]?: RuleInput[Field] | null } & { order?: number };

/** So many rules are looked at with every call. */
const mostRules = 200;

/** Guardrails on behalf of somebody: every act asks `authorise` first and leaves a row of the audit. */
export function createGuardrailService({ store, audited, endpoints }: GuardrailServiceDeps) {
  type Action = 'guardrails:read' | 'guardrails:write';

  async function find(actor: Principal, id: string, action: Action): Promise<GuardrailRow> {
    const row = await store.byId(id);
    if (!row) throw noSuch(id);
    authorise(actor, action, { kind: 'guardrail', id, organisationId: row.organisationId });
    return row;
  }

  async function check(rule: Rule, organisationId: string): Promise<void> {
    const [fault] = ruleFaults(rule);
    if (fault) throw invalidRequest(fault.message, fault.path.join('.'));
    try {
      compileRule({ ...rule, id: '' });
      if (rule.check.kind === 'schema' && rule.check.schema) createSchemaCheck(rule.check.schema);
    } catch (error) {
      throw invalidRequest(error instanceof Error ? error.message : String(error), 'check');
    }
    if (rule.check.kind === 'moderation' && !endpoints().includes(rule.check.endpoint)) {
      const known = endpoints().join(', ') || 'none yet';
      throw invalidRequest(
        `There is no moderation endpoint ${JSON.stringify(rule.check.endpoint)}. The operator names them in sluice.yaml under guardrails.moderation; there are ${known}.`,
        'check.endpoint',
      );
    }
    for (const [subject, id] of [
      ['key', rule.keyId],
      ['team', rule.teamId],
    ] as const) {
      if (id === undefined || (await store.hasSubject(organisationId, subject, id))) continue;
      throw new SluiceError('not_found', `There is no ${subject} ${JSON.stringify(id)} in this organisation.`, {
        param: `${subject}Id`,
      });
    }
  }

  return {
    async create(actor: Principal, wish: GuardrailWish): Promise<GuardrailRow> {
      const { organisationId = actor.organisationId, order, ...rule } = wish;
      authorise(actor, 'guardrails:write', { kind: 'organisation', id: organisationId, organisationId });
      await check(rule, organisationId);
      if ((await store.list(organisationId)).length >= mostRules)
        throw invalidRequest(`An organisation has ${mostRules} guardrails at most.`);
      return named(rule.name, () =>
        audited(actor, async (tx, note) => {
          const position = order ?? (await store.nextPosition(organisationId, tx));
          const row = await store.insert({ id: newId('gr_'), organisationId, position, ...columnsOf(rule) }, tx);
          await note(noteOf('guardrail.create', row));
          return row;
        }),
      );
    },
    /** Those of the actor's organisation; an operator may name another one. */
    async list(actor: Principal, organisationId: string = actor.organisationId): Promise<GuardrailRow[]> {
      authorise(actor, 'guardrails:read', { kind: 'organisation', id: organisationId, organisationId });
      return store.list(organisationId);
    },
    get: (actor: Principal, id: string): Promise<GuardrailRow> => find(actor, id, 'guardrails:read'),
    async update(actor: Principal, id: string, { order, ...change }: GuardrailChange): Promise<GuardrailRow> {
      const before = await find(actor, id, 'guardrails:write');
      const { id: _, ...old } = ruleOf(before);
      const wanted = ruleFields.safeParse(withoutNulls({ ...old, ...change }));
      if (!wanted.success) throw invalidRequest(z.prettifyError(wanted.error));
      await check(wanted.data, before.organisationId);
      return named(wanted.data.name, () =>
        audited(actor, async (tx, note) => {
          const row = await store.update(
            id,
            { ...columnsOf(wanted.data), ...(order !== undefined && { position: order }) },
            tx,
          );
          if (!row) throw noSuch(id);
          await note(noteOf('guardrail.update', row));
          return row;
        }),
      );
    },
    async remove(actor: Principal, id: string): Promise<GuardrailRow> {
      await find(actor, id, 'guardrails:write');
      return audited(actor, async (tx, note) => {
        const row = await store.remove(id, tx);
        if (!row) throw noSuch(id);
        await note(noteOf('guardrail.delete', row));
        return row;
      });
    },
  };
}

export type GuardrailService = ReturnType<typeof createGuardrailService>;

/** A row as a rule that can be used. Throws when it does not have the form of one. */
export const readRule = (row: GuardrailRow): GuardRule => compileRule(ruleOf(row));

/** A row in the words of a rule. Throws when it does not have the form of one. */
export function ruleOf(row: GuardrailRow): Rule & { id: string } {
  const { id, name, enabled, side, check, action, route, roles, keyId, teamId, modelGroup } = row;
  const rule = ruleFields.parse(
    withoutNulls({ name, enabled, on: side, check, action, route, roles, keyId, teamId, group: modelGroup }),
  );
  return { ...rule, id };
}

const columnsOf = (rule: Rule): Omit<NewGuardrail, 'id' | 'organisationId' | 'position'> => ({
  name: rule.name,
  enabled: rule.enabled,
  side: rule.on,
  check: rule.check,
  action: rule.action,
  route: rule.route ?? null,
  roles: rule.roles ?? null,
  keyId: rule.keyId ?? null,
  teamId: rule.teamId ?? null,
  modelGroup: rule.group ?? null,
});

const withoutNulls = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null && field !== undefined));

// Lists of words and patterns may be secrets themselves: the audit names the kind of the check, no more.
const noteOf = (
  action: string,
  { id, organisationId, name, side, check, action: does, enabled, position }: GuardrailRow,
) => ({
  action,
  target: { kind: 'guardrail', id },
  organisationId,
  detail: { name, on: side, kind: check.kind, action: does, enabled, order: position },
});

const noSuch = (id: string) => new SluiceError('not_found', `There is no guardrail ${JSON.stringify(id)}.`);

async function named<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
    throw new SluiceError('conflict', `There is a guardrail called ${JSON.stringify(name)} already.`, {
      param: 'name',
      cause: thrown,
    });
  }
}
