/**
 * Remembers by two keys what was worked out, `undefined` included. Callers choose the keys, so when `limit` answers are
 * held all of them are forgotten.
 */
export function createMemo<Value>(limit: number) {
  const memo = new Map<string, Map<string, Value | undefined>>();
  let size = 0;
  return {
    get(first: string, second: string, work: () => Value): Value {
      const values = memo.get(first);
      const known = values?.get(second);
      if (known !== undefined || values?.has(second)) return known as Value;
      const value = work();
      if (++size > limit) this.clear();
      const room = memo.get(first) ?? new Map<string, Value | undefined>();
      room.set(second, value);
      memo.set(first, room);
      return value;
    },
    clear(): void {
      memo.clear();
      size = 0;
    },
  };
}
