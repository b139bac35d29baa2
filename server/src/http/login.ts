import type { OpenAPIHono } from '@hono/zod-openapi';
import type { FirstRun } from '../identity/login/first-run.ts';
import type { SessionService } from '../identity/login/session-service.ts';
import type { Sessions } from '../identity/login/sessions.ts';
import type { PlatformAccess } from './platform/access.ts';
import { mountSetup } from './platform/setup.ts';

export interface LoginDeps {
  /** Answers everything below `/api/auth`. */
  handle(request: Request): Promise<Response>;
  firstRun: FirstRun;
  /** The issuers that people may log in with, as they are called here. */
  issuers(): { id: string; name: string }[];
  sessions: Pick<Sessions, 'tokenOf' | 'originOf'>;
  sessionService: SessionService;
}

/** What must answer before anybody is known: logging in, and making the first person. */
export function mountLogin(app: OpenAPIHono, access: PlatformAccess, { handle, firstRun, issuers }: LoginDeps): void {
  app.all('/api/auth/*', ({ req }) => handle(req.raw));
  mountSetup(app, access, { firstRun, issuers });
}
