// Gives the reference the colours of the other pages, follows the reader's choice of light or dark, and on a phone, where
// there is no room for the list at the side, shows all routes one below the other, to be opened.
const light = {
  theme: 'light',
  'bg-color': '#fbfcfb',
  'text-color': '#1d2b2f',
  'header-color': '#0d7288',
  'primary-color': '#0d7288',
  'nav-bg-color': '#f1f5f4',
  'nav-text-color': '#3d4f54',
  'nav-hover-bg-color': '#e2ebea',
  'nav-hover-text-color': '#0d7288',
  'nav-accent-color': '#0d7288',
};
const dark = {
  theme: 'dark',
  'bg-color': '#101719',
  'text-color': '#d9e3e4',
  'header-color': '#6cc7d8',
  'primary-color': '#3fa9bd',
  'nav-bg-color': '#141d20',
  'nav-text-color': '#a9b9bc',
  'nav-hover-bg-color': '#1d2a2e',
  'nav-hover-text-color': '#6cc7d8',
  'nav-accent-color': '#6cc7d8',
};

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const narrow = matchMedia('(max-width: 48rem)');

function paint() {
  const reference = document.querySelector('rapi-doc');
  const attributes = { ...(prefersDark.matches ? dark : light), 'render-style': narrow.matches ? 'view' : 'focused' };
  for (const [name, value] of Object.entries(attributes)) reference.setAttribute(name, value);
}

// Its own look can be mended only from inside its shadow, which is there once the component is.
async function mend() {
  await customElements.whenDefined('rapi-doc');
  const sheet = document.createElement('link');
  sheet.rel = 'stylesheet';
  sheet.href = '/docs/assets/rapidoc.css';
  document.querySelector('rapi-doc').shadowRoot.append(sheet);
}

paint();
mend();
prefersDark.addEventListener('change', paint);
narrow.addEventListener('change', paint);
