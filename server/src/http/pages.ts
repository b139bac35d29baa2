import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { createAssets } from './pages/assets.ts';
import { guidePage, missingPage } from './pages/guide.ts';
import { homePage } from './pages/home.ts';
import { type Library, openLibrary } from './pages/library.ts';
import { referencePage } from './pages/reference.ts';
import { drawingResponse, pageResponse } from './pages/respond.ts';

const docsFolder = join(import.meta.dirname, '../../../docs');

export interface PagesOptions {
  /** Where the markdown pages are. */
  folder?: string;
  /** A model that can be named in the example of the front page. */
  exampleModel?: () => string | undefined;
}

/** The pages: `/`, the API reference at `/docs`, and the documentation below it. They load nothing from another host. */
export function mountPages(app: OpenAPIHono, { folder = docsFolder, exampleModel }: PagesOptions = {}): void {
  const asset = createAssets();
  let opened: Library | undefined;
  const library = () => {
    opened ??= openLibrary(folder);
    return opened;
  };
  app.get('/', ({ req }) => pageResponse(homePage({ origin: originOf(req.raw), model: exampleModel?.() ?? 'auto' })));
  app.get('/docs', () => pageResponse(referencePage(), { reference: true }));
  app.get('/docs/', (context) => context.redirect('/docs', 308));
  app.get(
    '/docs/assets/:file',
    async (context) => (await asset(context.req.param('file'), context.req.raw)) ?? missing('assets', library()),
  );
  app.get('/docs/:page{.+}', ({ req }) => {
    const path = req.param('page').replace(/\/$/, '');
    const drawing = library().drawing(path);
    if (drawing !== undefined) return drawingResponse(drawing);
    const page = library().find(path);
    return page ? pageResponse(guidePage(page, library())) : missing(path, library());
  });
}

const missing = (path: string, library: Library) => pageResponse(missingPage(path, library), {}, 404);

/** The address by which this server was reached; only shown, never used. A proxy that ends TLS says so. */
function originOf(request: Request): string {
  const { protocol, host } = new URL(request.url);
  return `${request.headers.get('x-forwarded-proto') === 'https' ? 'https:' : protocol}//${host}`;
}
