import { invalidRequest } from './sluice-error.ts';

/** How much thought an answer is worth to its caller. */
export const modes = ['flash', 'think', 'ultra-think'] as const;
export type Mode = (typeof modes)[number];

const isMode = (text: string): text is Mode => (modes as readonly string[]).includes(text);

/** The mode that the name `auto-flash`, `auto-think` or `auto-ultra-think` stands for. */
export function modeOfName(model: string): Mode | undefined {
  if (!model.startsWith('auto-')) return undefined;
  const mode = model.slice('auto-'.length);
  return isMode(mode) ? mode : undefined;
}

/** The mode of a call: what `x-sluice-mode` says, else its model's name. Throws `invalid_request` for a mode that there is not. */
export function modeOf(header: string | null, model: string): Mode | undefined {
  if (header === null) return modeOfName(model);
  const mode = header.trim();
  if (!isMode(mode))
    throw invalidRequest(`\`x-sluice-mode\` is ${JSON.stringify(mode.slice(0, 50))}; it must be ${modes.join(', ')}.`);
  return mode;
}
