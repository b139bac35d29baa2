import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface SeriesProps {
  label: string;
  /** Seconds since 1970, ascending. */
  times: number[];
  lines: { name: string; values: (number | null)[]; colour: string; fill?: boolean }[];
  format(value: number): string;
  height?: number;
  /** The times lie within minutes: the clock is shown and no date. */
  clock?: boolean;
}

const clockOf = (seconds: number): string => new Date(seconds * 1000).toLocaleTimeString();

/** Values over time. The colours are names of the page's own tokens. */
export function Series({ label, times, lines, format, height = 180, clock = false }: SeriesProps) {
  const box = useRef<HTMLDivElement>(null);
  const names = lines.map(({ name }) => name).join();
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ data, format });
  latest.current = { data, format };

  // Draws on a canvas, which has to be told of everything: size, theme, and new data below.
  useEffect(() => {
    void names;
    const host = box.current!;
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour('quiet'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    };
    const made = new uPlot(
      {
        width: Math.max(100, host.clientWidth),
        height,
        cursor: { y: false, points: { size: 6 } },
        legend: { show: false },
        axes: [
          clock ? { ...axis, size: 28, space: 70, values: (_: uPlot, times: number[]) => times.map(clockOf) } : axis,
          {
            ...axis,
            size: 62,
            values: (_: uPlot, values: number[]) => values.map((value) => latest.current.format(value)),
          },
        ],
        scales: {
          y: { range: (_: uPlot, _least: number, greatest: number) => [0, Math.max(greatest * 1.1, Number.EPSILON)] },
        },
        series: [
          {},
          ...lines.map(({ name, colour: token, fill }) => ({
            label: name,
            stroke: colour(token),
            width: 1.75,
            points: { show: false },
            ...(fill && { fill: `color-mix(in srgb, ${colour(token)} 14%, transparent)` }),
          })),
        ],
      },
      latest.current.data,
      host,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(100, host.clientWidth), height }));
    observer.observe(host);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, height, clock]);

  useEffect(() => {
    plot.current?.setData(data);
  });

  return (
    <figure aria-label={label}>
      <figcaption className="mb-1 flex flex-wrap gap-x-4 text-xs text-quiet">
        {lines.map(({ name, colour }) => (
          <span key={name} className="flex items-center gap-1.5">
            <span className="size-2 rounded-full" style={{ background: `var(--${colour})` }} /> {name}
          </span>
        ))}
      </figcaption>
      <div ref={box} className="w-full" style={{ height }} />
    </figure>
  );
}
