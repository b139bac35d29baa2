import type { Preferences } from './types.ts';

const key = 'sluice.look';

/** How the page looked last on this device, so that it does before anything is fetched. */
export function lookHere(): Preferences {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Preferences;
  } catch {
    return {};
  }
}

/** Brings the document in line with how somebody likes it. */
export function applyLook({ theme, fontSize, highContrast, reduceMotion, language }: Preferences): void {
  const { dataset } = document.documentElement;
  set(dataset, 'theme', theme === 'light' || theme === 'dark' ? theme : undefined);
  set(dataset, 'size', fontSize === 'normal' ? undefined : fontSize);
  set(dataset, 'contrast', highContrast ? 'high' : undefined);
  set(dataset, 'motion', reduceMotion ? 'reduced' : undefined);
  localStorage.setItem(key, JSON.stringify({ theme, fontSize, highContrast, reduceMotion, language }));
}

function set(dataset: DOMStringMap, name: string, value: string | undefined): void {
  if (value === undefined) delete dataset[name];
  else dataset[name] = value;
}
