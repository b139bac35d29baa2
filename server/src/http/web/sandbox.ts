/**
 * Frames in which what a model made is shown. They have an origin of their own (`sandbox`), reach nothing, and get what they show by a
 * message from the app. Their script is inline because nothing else can be loaded there.
 */
const framePolicy = (scripts: string) =>
  [
    "default-src 'none'",
    `script-src 'unsafe-inline'${scripts}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    'media-src data: blob:',
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    'sandbox allow-scripts',
  ].join('; ');

const page = `<!doctype html><meta charset="utf-8"><title>Artifact</title><script>
addEventListener('message', ({ data }) => {
  if (!data || typeof data.code !== 'string') return;
  document.open();
  document.write(data.kind === 'svg' ? '<!doctype html><style>html,body{margin:0;height:100%}svg{max-width:100%;height:100%;display:block;margin:auto}</style>' + data.code : data.code);
  document.close();
}, { once: true });
parent.postMessage('ready', '*');
</script>`;

const diagram = (script: string) => `<!doctype html><meta charset="utf-8"><title>Diagram</title>
<style>body{margin:1rem;font-family:system-ui}#fault{color:#b3261e;white-space:pre-wrap}</style><div id="drawing"></div><pre id="fault"></pre>
<script src="${script}"></script><script>
addEventListener('message', async ({ data }) => {
  if (!data || typeof data.code !== 'string') return;
  try {
    mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' });
    document.getElementById('drawing').innerHTML = (await mermaid.render('diagram', data.code)).svg;
  } catch (error) {
    document.getElementById('fault').textContent = String(error && error.message || error);
  }
}, { once: true });
parent.postMessage('ready', '*');
</script>`;

const component = (script: string) => `<!doctype html><meta charset="utf-8"><title>Component</title>
<style>body{margin:1rem;font-family:system-ui}#fault{color:#b3261e;white-space:pre-wrap}</style><div id="root"></div><pre id="fault"></pre>
<script src="${script}"></script><script>
addEventListener('message', ({ data }) => {
  if (data && typeof data.code === 'string') showComponent(data.code);
}, { once: true });
parent.postMessage('ready', '*');
</script>`;

const response = (body: string, scripts = ''): Response =>
  new Response(body, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': framePolicy(scripts),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
  });

export const pageFrame = (): Response => response(page);
/** `script` is the address of React, and of what compiles JSX, below this server. */
export const componentFrame = (origin: string, script: string): Response =>
  response(component(script), ` ${origin}${script}`);
/** `script` is the address of mermaid below this server. */
export const diagramFrame = (origin: string, script: string): Response =>
  response(diagram(script), ` ${origin}${script}`);
