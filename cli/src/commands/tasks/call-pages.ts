import type { Client } from '../../api/client.ts';
import type { Call } from '../../api/types.ts';
import { CliError } from '../../cli-error.ts';

/** A row of the ledger with what a task tells of it. */
export interface ExportedCall extends Call {
  at: string;
  keyName: string;
  operation: string;
  provider: string | null;
  tags: string[];
  cache: string | null;
}

export interface CallQuery {
  from?: string;
  to?: string;
  key?: string;
  model?: string;
  provider?: string;
}

const pageRows = 1000;

/** Every call of a query, newest first, in pages of the platform API: none twice and none left out. */
export async function* callPages(client: Client, query: CallQuery): AsyncGenerator<ExportedCall[]> {
  let { to } = query;
  // The last millisecond of a page is asked for again: the page may have ended in the midst of its calls.
  let seen = new Set<string>();
  for (;;) {
    const page = await client.list<ExportedCall>('/api/v1/calls', { ...query, to, limit: String(pageRows) });
    const fresh = page.filter(({ requestId }) => !seen.has(requestId));
    if (fresh.length > 0) yield fresh;
    if (page.length < pageRows) return;
    if (fresh.length === 0) throw new CliError(`More than ${pageRows} calls have the same time; use \`usage export\`.`);
    const oldest = page.at(-1)!.at;
    to = new Date(Date.parse(oldest) + 1).toISOString();
    seen = new Set(page.filter(({ at }) => at === oldest).map(({ requestId }) => requestId));
  }
}
