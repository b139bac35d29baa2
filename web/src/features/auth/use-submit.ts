import { type FormEvent, useState } from 'react';

/** A form that is sent: its fields as texts, whether it is on its way, and what went wrong. */
export function useSubmit(send: (fields: Record<string, string>) => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  async function onSubmit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      await send(Object.fromEntries([...form].map(([name, value]) => [name, String(value)])));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  }
  return { busy, error, setError, onSubmit: (event: FormEvent<HTMLFormElement>) => void onSubmit(event) };
}
