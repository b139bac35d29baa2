/** Asks until the answer holds or five seconds are over, and returns the last answer. */
export async function eventually<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const endMs = Date.now() + 5000;
  let value = await ask();
  while (!holds(value) && Date.now() < endMs) value = await ask();
  return value;
}
