/** A text with what a detector has to find in it, in order; hard negatives have nothing. */
export interface Sample {
  text: string;
  finds: readonly string[];
}

export const sample = (text: string, ...finds: string[]): Sample => ({ text, finds });

/** Texts that hold nothing of the kind, though they look like it. */
export const clean = (...texts: string[]): Sample[] => texts.map((text) => ({ text, finds: [] }));
