import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const mermaidScript = join(dirname(createRequire(import.meta.url).resolve('mermaid')), 'mermaid.min.js');

/** The app can be installed and opens without a connection. Only its own parts are kept on the device: no answer of the server is. */
const installable = VitePWA({
  registerType: 'autoUpdate',
  injectRegister: 'script-defer',
  manifest: {
    id: '/',
    name: 'Sluice',
    short_name: 'Sluice',
    description: 'Chat with every model behind one key.',
    start_url: '/',
    display: 'standalone',
    background_color: '#0f1618',
    theme_color: '#0f1618',
    icons: [
      { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
      { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
    share_target: { action: '/', method: 'GET', params: { title: 'title', text: 'text', url: 'url' } },
  },
  workbox: {
    // What every page needs; languages of code and the like come when they are asked for.
    globPatterns: [
      'index.html',
      'theme.js',
      'mark.svg',
      'assets/{index,vendor,ui,markdown,rich-text,message-view}-*.{js,css}',
    ],
    navigateFallback: '/index.html',
    navigateFallbackAllowlist: [/^\/$/, /^\/(c|folders|settings|admin|prompts)(\/|$)/],
    cleanupOutdatedCaches: true,
    runtimeCaching: [],
  },
});

/** What runs React components in a frame, as one classic script. */
const componentScript = (outDir: string): InlineConfig => ({
  configFile: false,
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir,
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2023',
    lib: {
      entry: join(import.meta.dirname, 'sandbox/component.ts'),
      formats: ['iife'],
      name: 'sandbox',
      fileName: () => 'react.js',
    },
  },
});

/** Every text file of the build also lies there compressed, so that the server only ever reads files. */
function finish(): Plugin {
  let folder = '';
  return {
    name: 'finish',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      // The frame that draws diagrams cannot load modules: mermaid goes along as one classic script.
      mkdirSync(join(folder, 'vendor'), { recursive: true });
      copyFileSync(mermaidScript, join(folder, 'vendor/mermaid.min.js'));
      await build(componentScript(join(folder, 'vendor')));
      for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg|json|webmanifest)$/.test(path)) continue;
        const file = join(folder, path);
        const bytes = readFileSync(file);
        if (bytes.length < 1000) continue;
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: bytes.length > 500_000 ? 6 : 11 } };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, quality));
      }
    },
  };
}

export default defineConfig({
  // Formulas are read from HTML with a parser of its own: the page's, in which their styles are inline ones, has to follow its policy.
  resolve: {
    alias: { 'hast-util-from-html-isomorphic': fileURLToPath(import.meta.resolve('hast-util-from-html-isomorphic')) },
  },
  plugins: [react(), tailwindcss(), installable, finish()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What every page needs is one file; many small ones cost a round trip each.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack[\\/](react-router|router-core|history|react-query|query-core|store|react-store)|i18next|react-i18next|zustand|eventsource-parser)[\\/]/,
            },
            {
              name: 'ui',
              test: /(node_modules[\\/](@base-ui|@floating-ui|lucide-react)|web[\\/]src[\\/](ui|api|i18n[\\/]index))[\\/.]/,
              minShareCount: 2,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/v1': 'http://127.0.0.1:8080', '/docs': 'http://127.0.0.1:8080' },
  },
});
