import type { AlertKind } from '../../config/alerts.ts';

/** Something that people should know of, as long as it lasts. */
export interface Alert {
  /** The same for the same thing: it is told of once. */
  key: string;
  kind: AlertKind;
  severity: 'warning' | 'critical';
  /** One line. */
  title: string;
  text: string;
  /** What it is about, for programs. */
  facts: Record<string, string | number>;
}

export interface AlertMessage {
  /** The same when it is sent again after a failure. */
  id: string;
  status: 'firing' | 'resolved';
  alert: Alert;
  /** Milliseconds since 1970. */
  sinceMs: number;
  atMs: number;
}
