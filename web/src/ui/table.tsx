import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { cn } from './cn.ts';

export interface Column<Row> {
  name: string;
  /** A share of the width, as CSS grid says it (`1fr`, `6rem`). */
  width: string;
  right?: boolean;
  cell(row: Row): ReactNode;
}

export interface TableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  onOpen?(row: Row): void;
  /** Called when the last rows come into view; left out when there are no more. */
  onEnd?(): void;
  /** Below this width the table scrolls sideways. */
  minWidth?: string;
}

const rowHeight = 40;

/** Rows with columns; only those in view are drawn, so that a hundred thousand scroll as ten do. */
export function Table<Row>({ label, columns, rows, keyOf, onOpen, onEnd, minWidth = '40rem' }: TableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  const nearEnd = rows.length > 0 && lastSeen >= rows.length - 30;
  const latest = useRef(onEnd);
  latest.current = onEnd;
  // More is fetched outside of drawing.
  useEffect(() => {
    if (nearEnd) latest.current?.();
  }, [nearEnd, rows.length]);
  const template = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };
  return (
    <div
      ref={scroller}
      tabIndex={0}
      className="scrollbar-quiet max-h-[70dvh] overflow-auto rounded-card border border-line bg-raised text-sm"
    >
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} style={{ minWidth }}>
        <div
          role="row"
          style={template}
          className="sticky top-0 z-10 grid gap-3 border-b border-line bg-sunken px-4 py-2 text-xs font-medium text-quiet"
        >
          {columns.map(({ name, right }) => (
            <div key={name} role="columnheader" className={cn('truncate', right && 'text-right')}>
              {name}
            </div>
          ))}
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows[index]!;
            return (
              <div
                key={keyOf(row)}
                role="row"
                aria-rowindex={index + 2}
                tabIndex={onOpen ? 0 : undefined}
                onClick={onOpen && (() => onOpen(row))}
                onKeyDown={onOpen && ((event) => event.key === 'Enter' && onOpen(row))}
                style={{ ...template, transform: `translateY(${start}px)`, height: rowHeight }}
                className={cn(
                  'absolute inset-x-0 top-0 grid items-center gap-3 border-b border-line px-4',
                  onOpen && 'cursor-pointer outline-offset-[-2px] hover:bg-sunken',
                )}
              >
                {columns.map(({ name, right, cell }) => (
                  <div key={name} role="cell" className={cn('min-w-0 truncate', right && 'text-right tabular-nums')}>
                    {cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
