import { defineCommand } from '../../command.ts';
import { createKey } from './create.ts';
import { listKeys } from './list.ts';
import { revokeKey } from './revoke.ts';
import { rotateKey } from './rotate.ts';
import { updateKey } from './update.ts';

export const keys = defineCommand({
  name: 'keys',
  summary: 'Create, list, change, rotate and revoke keys',
  details: 'Keys for people and programs: your own, or with the role admin those of your organisation.',
  subcommands: [createKey, listKeys, updateKey, rotateKey, revokeKey],
});
