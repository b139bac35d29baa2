export interface Series {
  name: string;
  points: readonly { x: number; y: number }[];
  /** Single points with their names beside them, instead of a line. */
  marks?: boolean;
}

export interface Chart {
  title: string;
  x: string;
  y: string;
  series: readonly Series[];
  /** Prices lie decades apart. */
  logX?: boolean;
}

const width = 720;
const height = 420;
const margin = { left: 62, right: 182, top: 40, bottom: 52 };
// Told apart by people who do not see all colours (Okabe and Ito 2008).
const colours = ['#2f8fd8', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** A chart as an SVG of its own, for light and dark pages. */
export function drawChart({ title, x, y, series, logX = false }: Chart): string {
  const points = series.flatMap((each) => each.points).filter((point) => !logX || point.x > 0);
  const across = scaleOf(
    points.map((point) => point.x),
    margin.left,
    width - margin.right,
    logX,
  );
  const up = scaleOf(
    points.map((point) => point.y),
    height - margin.bottom,
    margin.top,
    false,
  );
  const parts = [
    text(width / 2, 22, title, 'middle', 'font-weight="600" font-size="15"'),
    text((margin.left + width - margin.right) / 2, height - 12, x, 'middle'),
    `<text transform="translate(16 ${(margin.top + height - margin.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    ...across.ticks.flatMap((tick) => [
      `<line class="grid" x1="${at(across.place(tick))}" x2="${at(across.place(tick))}" y1="${margin.top}" y2="${height - margin.bottom}"/>`,
      text(across.place(tick), height - margin.bottom + 18, label(tick), 'middle'),
    ]),
    ...up.ticks.flatMap((tick) => [
      `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at(up.place(tick))}" y2="${at(up.place(tick))}"/>`,
      text(margin.left - 8, up.place(tick) + 4, label(tick), 'end'),
    ]),
  ];
  series.forEach((each, index) => {
    const colour = colours[index % colours.length]!;
    const shown = each.points.filter((point) => !logX || point.x > 0);
    const places = shown.map((point) => `${at(across.place(point.x))},${at(up.place(point.y))}`);
    if (each.marks)
      for (const place of places) {
        const [left, top] = place.split(',');
        parts.push(`<circle cx="${left}" cy="${top}" r="5" fill="${colour}"/>`);
      }
    else parts.push(`<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2.2"/>`);
    const top = margin.top + 10 + index * 22;
    const left = width - margin.right + 16;
    parts.push(
      each.marks
        ? `<circle cx="${left + 9}" cy="${top - 4}" r="5" fill="${colour}"/>`
        : `<line x1="${left}" x2="${left + 18}" y1="${top - 4}" y2="${top - 4}" stroke="${colour}" stroke-width="2.2"/>`,
      text(left + 26, top, each.name, 'start'),
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>text{font:12px system-ui,sans-serif;fill:#24292f}.back{fill:#fff}.grid{stroke:#d0d7de}@media(prefers-color-scheme:dark){text{fill:#d1d7e0}.back{fill:#15181d}.grid{stroke:#3a414b}}</style>
<rect class="back" width="${width}" height="${height}" rx="8"/>
${parts.join('\n')}
</svg>
`;
}

function scaleOf(values: readonly number[], from: number, to: number, log: boolean) {
  const read = (value: number) => (log ? Math.log10(value) : value);
  let low = Math.min(...values.map(read));
  let high = Math.max(...values.map(read));
  const slack = (high - low) * 0.05 || 0.5;
  low -= slack;
  high += slack;
  return {
    place: (value: number) => from + ((read(value) - low) / (high - low)) * (to - from),
    ticks: log ? decades(low, high) : steps(low, high),
  };
}

/** 1, 2 and 5 of each power of ten between two logarithms. */
function decades(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const step of high - low > 2.5 ? [1] : [1, 2, 5]) {
      const tick = step * 10 ** power;
      if (Math.log10(tick) >= low && Math.log10(tick) <= high) ticks.push(tick);
    }
  return ticks;
}

function steps(low: number, high: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}

const label = (value: number): string => String(Number(value.toPrecision(3)));
const at = (place: number): string => place.toFixed(1);
const text = (x: number, y: number, words: string, anchor: string, more = ''): string =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}"${more && ` ${more}`}>${escaped(words)}</text>`;
const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
