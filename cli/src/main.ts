import { defineCommand } from './command.ts';
import { audit } from './commands/audit/audit.ts';
import { budgets } from './commands/budgets/budgets.ts';
import { cache } from './commands/cache/cache.ts';
import { chat } from './commands/chat/chat.ts';
import { explain } from './commands/explain.ts';
import { groups } from './commands/groups.ts';
import { guardrails } from './commands/guardrails/guardrails.ts';
import { health } from './commands/health.ts';
import { invitations } from './commands/invitations/invitations.ts';
import { keys } from './commands/keys/keys.ts';
import { limits } from './commands/limits/limits.ts';
import { models } from './commands/models/models.ts';
import { backup } from './commands/operate/backup.ts';
import { doctor } from './commands/operate/doctor.ts';
import { migrate } from './commands/operate/migrate.ts';
import { restore } from './commands/operate/restore.ts';
import { organisations } from './commands/organisations/organisations.ts';
import { plans } from './commands/plans/plans.ts';
import { providers } from './commands/providers/providers.ts';
import { replay } from './commands/replay/replay.ts';
import { roles } from './commands/roles/roles.ts';
import { secrets } from './commands/secrets/secrets.ts';
import { serve } from './commands/serve.ts';
import { sessions } from './commands/sessions/sessions.ts';
import { setup } from './commands/setup.ts';
import { tasks } from './commands/tasks/tasks.ts';
import { teams } from './commands/teams/teams.ts';
import { usage } from './commands/usage.ts';
import { users } from './commands/users/users.ts';
import { run } from './run.ts';

const root = defineCommand({
  name: 'sluice',
  summary: 'One endpoint, one key and one ledger in front of every model',
  options: { version: { type: 'boolean', short: 'v', summary: 'Print the version' } },
  subcommands: [
    serve,
    setup,
    health,
    chat,
    explain,
    groups,
    models,
    providers,
    keys,
    organisations,
    teams,
    users,
    roles,
    invitations,
    limits,
    guardrails,
    budgets,
    plans,
    cache,
    sessions,
    usage,
    replay,
    tasks,
    audit,
    secrets,
    doctor,
    backup,
    restore,
    migrate,
  ],
  examples: [
    'sluice serve',
    'sluice chat "Why is the sky blue?"',
    'sluice keys create laptop --expires 30d',
    'sluice usage --by model --from 7d',
  ],
});

// `sluice models | head` closes the pipe early: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(root, process.argv.slice(2), process.env);
