/** What the server refused, in its own words (problem details). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

interface Problem {
  detail?: string;
  title?: string;
  message?: string;
  code?: string;
  requestId?: string;
}

/** Sends a request to this server, as whoever is logged in. Throws ApiError; status 0 means that the server was not reached. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if ((cause as Error).name === 'AbortError') throw cause;
    throw new ApiError(0, 'offline', 'The server cannot be reached.');
  }
  if (response.ok) return response;
  const problem: Problem = await response.json().catch(() => ({}));
  throw new ApiError(
    response.status,
    problem.code ?? '',
    problem.detail ?? problem.message ?? problem.title ?? `${response.status}`,
    response.headers.get('x-sluice-request-id') ?? undefined,
  );
}

const withBody = (method: string, body: unknown): RequestInit => ({
  method,
  ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
});

async function read<T>(response: Response): Promise<T> {
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const api = {
  get: async <T>(path: string, signal?: AbortSignal) => read<T>(await send(path, { signal })),
  post: async <T>(path: string, body: unknown = {}) => read<T>(await send(path, withBody('POST', body))),
  put: async <T>(path: string, body: unknown) => read<T>(await send(path, withBody('PUT', body))),
  patch: async <T>(path: string, body: unknown) => read<T>(await send(path, withBody('PATCH', body))),
  delete: async <T>(path: string) => read<T>(await send(path, { method: 'DELETE' })),
};

/** The query part of an address, without what is not set. */
export function query(values: Record<string, string | number | boolean | undefined>): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set.map(([key, value]) => [key, String(value)]))}`;
}
