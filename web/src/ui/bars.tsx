import { useTranslation } from 'react-i18next';

export interface BarRow {
  name: string;
  value: number;
  text: string;
}

/** Values beside each other, the greatest first. */
export function Bars({ rows, most = 12 }: { rows: BarRow[]; most?: number }) {
  const { t } = useTranslation();
  const sorted = rows.toSorted((a, b) => b.value - a.value).slice(0, most);
  const greatest = Math.max(...sorted.map(({ value }) => value), Number.MIN_VALUE);
  if (sorted.length === 0) return <p className="text-sm text-quiet">{t('Nothing yet.')}</p>;
  return (
    <ul className="flex flex-col gap-2.5 text-sm">
      {sorted.map(({ name, value, text }, at) => (
        <li key={`${name} ${at}`}>
          <div className="flex justify-between gap-4">
            <span className="min-w-0 truncate">{name}</span>
            <span className="text-quiet tabular-nums">{text}</span>
          </div>
          <div className="mt-1 h-1.5 rounded-full bg-sunken" aria-hidden="true">
            <div
              className="h-full rounded-full bg-accent"
              style={{ width: `${Math.max(1, (value / greatest) * 100)}%` }}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}
