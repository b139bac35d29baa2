/** Every table, by noun. */
export * from './schema/audit.ts';
export * from './schema/identity.ts';
export * from './schema/ledger.ts';
