import { newId } from '../core/new-id.ts';
import type { Principal } from '../core/principal.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { AuditedChange } from '../store/audit-store.ts';
import type { OrganisationChange, OrganisationRow, OrganisationStore } from '../store/organisation-store.ts';
import { isUniqueViolation } from '../store/unique-violation.ts';
import { authorise, authoriseOperator } from './authorise.ts';

export interface OrganisationServiceDeps {
  organisations: OrganisationStore;
  audited: AuditedChange;
}

/** An organisation as somebody sees it: with their own role in it, where they have one. */
export interface SeenOrganisation {
  organisation: OrganisationRow;
  role: string | null;
}

/** Makes, renames, suspends and reactivates organisations. None is ever removed: its ledger and audit stay. */
export function createOrganisationService({ organisations, audited }: OrganisationServiceDeps) {
  return {
    /** An operator sees all, a person those they are a member of, a key its own. */
    async list(actor: Principal): Promise<SeenOrganisation[]> {
      const own = actor.userId === undefined ? [] : await organisations.ofUser(actor.userId);
      const roles = new Map(own.map(({ organisation, role }) => [organisation.id, role]));
      if (actor.operator)
        return (await organisations.list()).map((organisation) => ({
          organisation,
          role: roles.get(organisation.id) ?? null,
        }));
      // A person's key speaks for one organisation, whatever else they belong to.
      if (actor.kind === 'key' || own.length === 0) {
        const organisation = await organisations.byId(actor.organisationId);
        return organisation ? [{ organisation, role: actor.role }] : [];
      }
      return own.filter(({ status }) => status === 'active');
    },
    async get(actor: Principal, id: string): Promise<OrganisationRow> {
      // To know one's own organisation takes no right.
      if (!actor.operator && id !== actor.organisationId) throw noOrganisation(id);
      const row = await organisations.byId(id);
      if (!row) throw noOrganisation(id);
      return row;
    },
    /** For operators. Throws `conflict` when the short name is taken. */
    async create(actor: Principal, { name, slug }: { name: string; slug?: string }): Promise<OrganisationRow> {
      const id = newId('org_');
      authoriseOperator(actor, 'organisation');
      return orTaken(() =>
        audited(actor, async (tx, note) => {
          const row = await organisations.insert({ id, name, slug: slug ?? slugOf(name, id) }, tx);
          const target = { kind: 'organisation', id };
          await note({ action: 'organisation.create', target, organisationId: id, detail: { name, slug: row.slug } });
          return row;
        }),
      );
    },
    /** Renames, suspends or reactivates. Throws `conflict` when the short name is taken. */
    async change(actor: Principal, id: string, change: OrganisationChange): Promise<OrganisationRow> {
      authorise(actor, 'organisation:write', { kind: 'organisation', id, organisationId: id });
      return orTaken(() =>
        audited(actor, async (tx, note) => {
          const before = await organisations.lock(id, tx);
          if (!before) throw noOrganisation(id);
          const row = Object.keys(change).length === 0 ? before : (await organisations.update(id, change, tx))!;
          const action = actionOf(before.status, row.status);
          await note({
            action: `organisation.${action}`,
            target: { kind: 'organisation', id },
            organisationId: id,
            detail: { ...change },
          });
          return row;
        }),
      );
    },
  };
}

export type OrganisationService = ReturnType<typeof createOrganisationService>;

type Status = OrganisationRow['status'];

/** What a change is called in the audit. */
export const actionOf = (before: Status, after: Status): string =>
  before === after ? 'change' : after === 'suspended' ? 'suspend' : 'reactivate';

/** A short name for addresses: what is left of the name, with a piece of the id so that two may have one name. */
const slugOf = (name: string, id: string): string => {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `${words.slice(0, 40) || 'organisation'}-${id.slice(-6)}`;
};

async function orTaken<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (isUniqueViolation(error))
      throw new SluiceError('conflict', 'Another organisation has this short name (slug). Choose another.');
    throw error;
  }
}

const noOrganisation = (id: string) => new SluiceError('not_found', `There is no organisation ${JSON.stringify(id)}.`);
