/** A browser as far as logging in goes: it keeps cookies of one site and says where its requests come from. */
export function openBrowser(url: string) {
  const jar = new Map<string, string>();

  function keep(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      const ended = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
      if (ended) jar.delete(name);
      else jar.set(name, pair.slice(equals + 1));
    }
  }

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(path.startsWith('http') ? path : url + path, {
      redirect: 'manual',
      ...init,
      headers: {
        ...(jar.size > 0 && { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...(init.method && init.method !== 'GET' && { origin: url }),
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
        ...(init.headers as Record<string, string>),
      },
    });
    keep(response);
    return response;
  }

  return {
    jar,
    send,
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    post: (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
      send(path, { method: 'POST', body: JSON.stringify(body), headers }),
    /** The cookies as one header, as a thief would take them along. */
    cookies: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
  };
}

export type Browser = ReturnType<typeof openBrowser>;
