import { SluiceError } from '../core/sluice-error.ts';

/** The methods that a path has among the routes, for the `allow` header; empty when the path does not exist. */
export function allowedMethods(routes: readonly { method: string; path: string }[], path: string): string[] {
  const methods = new Set<string>();
  for (const { method, path: pattern } of routes) {
    // A catch-all below the first segment says nothing of one path.
    if (method !== 'ALL' && !/^\/\w+\/\*$/.test(pattern) && matches(pattern, path)) methods.add(method);
  }
  return [...methods].sort();
}

/** What to say of a request that no route takes: `method_not_allowed` when the path has other methods, else `not_found`. */
export function noSuchRoute(method: string, path: string, allowed: readonly string[]): SluiceError {
  if (allowed.length === 0) {
    return new SluiceError('not_found', `There is no ${method} ${path} here. GET /docs lists the routes.`);
  }
  return new SluiceError('method_not_allowed', `${path} does not take ${method}; it takes ${allowed.join(', ')}.`);
}

function matches(pattern: string, path: string): boolean {
  const expression = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\*/g, '.+');
  return new RegExp(`^${expression}$`).test(path);
}
