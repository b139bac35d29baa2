import { html } from 'hono/html';
import { version } from '../version.ts';
import { layout } from './layout.ts';
import { streams } from './mark.ts';

/** The front page: what this is, that it runs, where the API is, and a line to try. */
export function homePage({ origin, model }: { origin: string; model: string }) {
  const example = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hello' }] });
  const body = html`<main>
<p class="state"><span class="lamp"></span>Running <span class="quiet">version ${version}</span></p>
<h1>One endpoint, one key and one ledger in front of every model.</h1>
${streams}
<p class="lead">Point the SDK that you have at this address, keep your code, and ask any model that is configured here.</p>
<dl class="addresses">
<div><dt>OpenAI</dt><dd><code>${origin}/v1</code></dd></div>
<div><dt>Anthropic</dt><dd><code>${origin}</code></dd></div>
<div><dt>Gemini</dt><dd><code>${origin}</code></dd></div>
</dl>
<h2>Try it</h2>
<pre tabindex="0"><code>curl ${origin}/v1/chat/completions \\
  -H <i>"authorization: Bearer <b>YOUR_KEY</b>"</i> \\
  -H <i>"content-type: application/json"</i> \\
  -d <i>'${example}'</i></code></pre>
<p class="quiet">The admin key was shown on the console at the first start. It makes keys for everybody else.</p>
<nav class="ways" aria-label="Where next">
<a href="/docs"><strong>API reference</strong><span>Every route, to read and to try</span></a>
<a href="/docs/guides/first-steps"><strong>First steps</strong><span>Providers, keys, the first calls</span></a>
<a href="/docs/reference/configuration"><strong>Configuration</strong><span>Every field and every variable</span></a>
<a href="/docs/reference/providers"><strong>Providers</strong><span>What each needs and what is odd about it</span></a>
<a href="/docs/errors"><strong>Errors</strong><span>What each one means and what to do</span></a>
<a href="/docs/architecture"><strong>Architecture</strong><span>The way of a request</span></a>
</nav>
</main>
<footer><a href="/openapi.json">openapi.json</a><a href="/health">health</a><a href="/ready">ready</a><a href="/metrics">metrics</a></footer>`;
  return layout({
    title: 'Sluice',
    description: 'One endpoint, one key and one ledger in front of every model.',
    kind: 'home',
    body,
  });
}
