import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** Column forms that every table shares. */
export const count = (name: string) => bigint(name, { mode: 'number' });
export const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
