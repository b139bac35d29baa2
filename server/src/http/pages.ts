import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { shippedPath } from '../core/shipped.ts';
import { createAssets } from './pages/assets.ts';
import { guidePage, missingPage } from './pages/guide.ts';
import { homePage } from './pages/home.ts';
import { type Library, openLibrary } from './pages/library.ts';
import { referencePage } from './pages/reference.ts';
import { drawingResponse, pageResponse } from './pages/respond.ts';
import { type AppFiles, openAppFiles } from './web/app-files.ts';
import { componentFrame, diagramFrame, pageFrame } from './web/sandbox.ts';

const docsFolder = shippedPath('docs');
const appFolder = shippedPath('web/dist');
/** Where the app has pages of its own. */
const appPaths = [
  '/c/:id',
  '/folders/:id',
  '/prompts',
  '/settings/:page?',
  '/admin/:page?',
  '/sign-in',
  '/setup',
  '/invitation',
  '/reset-password',
  '/share/:token',
];
const diagramScript = '/vendor/mermaid.min.js';
const componentScript = '/vendor/react.js';

export interface PagesOptions {
  /** Where the markdown pages are. */
  folder?: string;
  /** Where the web app was built. */
  app?: string;
  /** A model that can be named in the example of the front page. */
  exampleModel?: () => string | undefined;
}

/** Every path of the app is the one page; its parts are files. */
function mountApp(app: OpenAPIHono, files: AppFiles): void {
  for (const path of appPaths) app.get(path, ({ req }) => files.page(req.raw));
  for (const name of files.names()) app.get(name, ({ req }) => files.file(name, req.raw)!);
  app.get('/sandbox/page', pageFrame);
  app.get('/sandbox/component', ({ req }) => componentFrame(originOf(req.raw), componentScript));
  app.get('/sandbox/diagram', ({ req }) => diagramFrame(originOf(req.raw), diagramScript));
}

/** The pages: `/`, the app behind it, the API reference at `/docs`, and the documentation below it. They load nothing from another host. */
export function mountPages(
  app: OpenAPIHono,
  { folder = docsFolder, app: built = appFolder, exampleModel }: PagesOptions = {},
): void {
  const asset = createAssets();
  let opened: Library | undefined;
  const library = () => {
    opened ??= openLibrary(folder);
    return opened;
  };
  const home = ({ req }: Context) =>
    pageResponse(homePage({ origin: originOf(req.raw), model: exampleModel?.() ?? 'auto' }));
  const files = openAppFiles(built);
  app.get('/docs/start', home);
  // Without the app, as where only the gateway is wanted, the front page says what there is.
  app.get('/', (context) => files?.page(context.req.raw) ?? home(context));
  if (files) mountApp(app, files);
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
