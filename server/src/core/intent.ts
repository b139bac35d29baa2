/** What a request is about, as a classifier model says, the least demanding first. */
export const intents = ['utility', 'chat', 'reasoning'] as const;
export type Intent = (typeof intents)[number];
