import { html } from 'hono/html';
import { layout } from './layout.ts';

/** The API reference, drawn by RapiDoc from `/openapi.json`. Keys that are typed in are not kept. */
export function referencePage() {
  const head = html`<script src="/docs/assets/reference.js" defer></script>
<script src="/docs/assets/rapidoc-min.js" type="module"></script>`;
  const body = html`<rapi-doc
spec-url="/openapi.json" render-style="focused" show-header="false" load-fonts="false"
regular-font="system-ui, sans-serif" mono-font="ui-monospace, SFMono-Regular, Menlo, monospace" font-size="default"
allow-server-selection="false" allow-spec-url-load="false" allow-spec-file-load="false" allow-spec-file-download="false"
allow-advanced-search="false" persist-auth="false" schema-style="table" schema-expand-level="2" schema-description-expanded="true" default-schema-tab="schema"
nav-item-spacing="compact" use-path-in-nav-bar="true" show-method-in-nav-bar="as-colored-text" fill-request-fields-with-example="true"
></rapi-doc>
<noscript><p class="notice">The reference needs JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.</p></noscript>`;
  return layout({
    title: 'API reference · Sluice',
    description: 'Every route of this server.',
    kind: 'reference',
    head,
    body,
  });
}
