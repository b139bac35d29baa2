import { defineCommand } from '../../command.ts';
import { exportAudit } from './export.ts';
import { listAudit } from './list.ts';
import { verifyAudit } from './verify.ts';

export const audit = defineCommand({
  name: 'audit',
  summary: 'Who changed what, when; export it, and check that nobody tampered with it',
  details: 'Administrative changes and logins. Needs the permission audit:read; `verify` needs the admin key.',
  subcommands: [listAudit, exportAudit, verifyAudit],
});
