import { defineCommand } from '../../command.ts';
import { createKey } from './create.ts';
import { listKeys } from './list.ts';
import { revokeKey } from './revoke.ts';
import { rotateKey } from './rotate.ts';

export const keys = defineCommand({
  name: 'keys',
  summary: 'Create, list, rotate and revoke keys',
  details: 'Keys for people and programs. All of this needs a key with the role admin.',
  subcommands: [createKey, listKeys, rotateKey, revokeKey],
});
