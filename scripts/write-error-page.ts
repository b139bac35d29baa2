// Writes docs/errors.md from the error table: node scripts/bun.mjs scripts/write-error-page.ts
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorRow, errorTable } from '../shared/src/errors.ts';

const introduction = `# Errors

<!-- Written by scripts/write-error-page.ts from shared/src/errors.ts. -->

Every error that Sluice itself reports is a row of one table. It leaves in the shape of the dialect that was spoken, so that
your SDK raises the exception it always raises.

| Dialect | Body | Where the code is |
|---|---|---|
| OpenAI | \`{"error": {"message", "type", "param", "code", "request_id"}}\` | \`error.code\`; where a provider gave a code of its own, that one |
| Anthropic | \`{"type": "error", "error": {"type", "message"}, "request_id"}\` | nowhere: the protocol has only types |
| Gemini | \`{"error": {"code", "message", "status", "details"}}\` | \`reason\` of the ErrorInfo in \`details\`, in capitals |
| platform, \`/api/v1\` | \`application/problem+json\` (RFC 9457) | \`code\`, and \`type\`, which is an address on this page |

- **The request id** is also in the header \`x-sluice-request-id\`. With it, \`GET /api/v1/calls/{requestId}\` shows what was tried.
- **Retry.** The header \`x-should-retry\` says whether the same request may succeed later, and \`retry-after\` how many seconds to wait
  when that is known. The OpenAI and Anthropic SDKs obey both.
- **In a stream** that has begun, an error is the dialect's own error event and the end of the stream: never a clean end, and never
  the beginning of another answer. It is still recorded with its code.

## All of them
`;

const statusOf = ({ status, anthropicStatus }: Pick<ErrorRow, 'status' | 'anthropicStatus'>): string =>
  anthropicStatus === undefined ? String(status) : `${status}, Anthropic ${anthropicStatus}`;

/** The text of docs/errors.md. */
export function errorPage(): string {
  const rows = Object.entries(errorTable as Record<string, ErrorRow>).sort(([, a], [, b]) => a.status - b.status);
  const overview = rows.map(
    ([code, row]) => `| [\`${code}\`](#${code}) | ${statusOf(row)} | ${row.retry ? 'yes' : 'no'} |`,
  );
  const sections = rows.map(([code, row]) =>
    [
      `### \`${code}\``,
      '',
      row.meaning,
      '',
      '| | OpenAI, platform | Anthropic | Gemini |',
      '|---|---|---|---|',
      `| status | ${row.status} | ${row.anthropicStatus ?? row.status} | ${row.status} |`,
      `| type | \`${row.openaiType}\` | \`${row.anthropicType}\` | \`${row.geminiStatus}\` |`,
      '',
      row.retry ? 'Sending it again may help.' : 'Sending it again, unchanged, does not help.',
      '',
    ].join('\n'),
  );
  return `${introduction}\n| Code | Status | Retry helps |\n|---|---|---|\n${overview.join('\n')}\n\n${sections.join('\n')}`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/errors.md'), errorPage());
