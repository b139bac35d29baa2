/** Every table, by noun. */
export * from './schema/audit.ts';
export * from './schema/caches.ts';
export * from './schema/chat.ts';
export * from './schema/gateway-settings.ts';
export * from './schema/guardrails.ts';
export * from './schema/identity.ts';
export * from './schema/ledger.ts';
export * from './schema/limits.ts';
export * from './schema/login.ts';
export * from './schema/money.ts';
export * from './schema/routing.ts';
export * from './schema/secrets.ts';
