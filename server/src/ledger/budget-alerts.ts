import type { Budget, BudgetAlert, BudgetStore } from '../store/budget-store.ts';
import type { Span } from './budget-window.ts';

/** A budget that reached one of its thresholds, and when its window ends. */
export type BudgetReached = Omit<BudgetAlert, 'at'> & {
  name: string;
  unit: Budget['unit'];
  hard: boolean;
  windowEndMs: number | undefined;
};

export interface AlertsDeps {
  store: Pick<BudgetStore, 'noteAlert'>;
  /** Called once a window for every threshold that is reached, on one replica. */
  onAlert(reached: BudgetReached): void;
  onFault?(error: unknown): void;
}

const remembered = 50_000;

/** Tells of budgets that reach their thresholds. */
export function createBudgetAlerts({ store, onAlert, onFault }: AlertsDeps) {
  const noted = new Set<string>();

  return {
    /** Looks at a budget's spent; what is to be told is written down in the background. */
    look(budget: Budget, span: Span, spent: number): void {
      for (const threshold of budget.thresholds) {
        if (spent * 100 < threshold * budget.limit) continue;
        const mark = `${budget.id} ${span.startMs} ${threshold} ${budget.limit}`;
        if (noted.has(mark)) continue;
        if (noted.size > remembered) noted.clear();
        noted.add(mark);
        const alert = {
          budgetId: budget.id,
          windowStart: new Date(span.startMs),
          threshold,
          organisationId: budget.organisationId,
          spent,
          limit: budget.limit,
        };
        store.noteAlert(alert).then(
          (first) => {
            if (!first) return;
            const { name, unit, hard } = budget;
            onAlert({ ...alert, name, unit, hard, windowEndMs: span.endMs });
          },
          (error) => {
            // Not written down: the next call that is settled tries again.
            noted.delete(mark);
            onFault?.(error);
          },
        );
      }
    },
  };
}

export type BudgetAlerts = ReturnType<typeof createBudgetAlerts>;
