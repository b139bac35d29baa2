import { CliError } from '../cli-error.ts';
import type { Connection } from './connection.ts';
import { isObject, type JsonObject, textOf, tryParse } from './json.ts';

/** What the server says went wrong. */
export class ApiError extends CliError {
  override readonly name = 'ApiError';

  constructor(
    message: string,
    hint: string | undefined,
    readonly status: number,
    readonly code: string | undefined,
    readonly param: string | undefined,
  ) {
    super(message, hint);
  }
}

/** The error of an answer that is not 2xx, in the form of the platform (RFC 9457) or of OpenAI. */
export async function errorOf(response: Response, connection: Connection, what: string): Promise<CliError> {
  const body = tryParse(await response.text().catch(() => ''));
  const fault = isObject(body) && isObject(body.error) ? body.error : body;
  const message = isObject(fault) ? (textOf(fault.detail) ?? textOf(fault.message)) : undefined;
  if (!isObject(fault) || message === undefined) return notSluice(connection, `${what} answered ${response.status}`);
  return apiError(fault, message, response, connection);
}

function apiError(fault: JsonObject, message: string, response: Response, connection: Connection): ApiError {
  const code = textOf(fault.code);
  // The server speaks to programs here: it names headers.
  const told = code === 'missing_key' ? 'The server wants a key, and none was found.' : message;
  const retryAfter = response.headers.get('retry-after');
  const waitHint = retryAfter === null ? undefined : `Try again in ${retryAfter} s.`;
  return new ApiError(told, keyHint(code, connection) ?? waitHint, response.status, code, textOf(fault.param));
}

function keyHint(code: string | undefined, { keyOrigin }: Connection): string | undefined {
  switch (code) {
    case 'missing_key':
      return `Give one with --key, or set SLUICE_KEY. Looked last in ${keyOrigin}.`;
    case 'invalid_key':
      return `The key was taken from ${keyOrigin}. Another one can be given with --key or SLUICE_KEY.`;
    case 'forbidden':
      return `The key was taken from ${keyOrigin}. An administrator's key can be given with --key or SLUICE_ADMIN_KEY.`;
    default:
      return undefined;
  }
}

/** The other end answers, but not as Sluice does. */
export const notSluice = ({ url }: Connection, why: string) =>
  new CliError(`What answers at ${url} does not look like Sluice: ${why}.`, 'Check --url or SLUICE_URL.');

/** Nobody answers. */
export function unreachable({ url, isLocal }: Connection, cause: unknown): CliError {
  const { code, message } = cause as Error & { code?: string };
  if (code === 'ECONNREFUSED' || code === 'ConnectionRefused') {
    const { port } = new URL(url);
    const start = port === '8080' ? 'sluice serve' : `PORT=${port || 80} sluice serve`;
    return new CliError(
      `No server is running at ${url}.`,
      isLocal ? `Start one with \`${start}\`, or name another with --url or SLUICE_URL.` : 'Check --url or SLUICE_URL.',
    );
  }
  return new CliError(`${url} cannot be reached: ${message.replace(/\.$/, '')}.`, 'Check --url or SLUICE_URL.');
}

/** The other end went away in the middle of an answer. */
export const brokenConnection = ({ url }: Connection, cause: unknown) =>
  new CliError(`The connection to ${url} broke off (${(cause as { code?: string }).code ?? 'no reason given'}).`);
