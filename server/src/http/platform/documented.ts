import { z } from '@hono/zod-openapi';

/** How a route of the platform API is secured, for the OpenAPI document. */
export const secured = [{ key: [] }];

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    param: z.string().optional(),
  })
  .openapi('Problem');

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** The errors that any route of the platform API may answer with. */
export const problems = {
  400: problem('A field is missing or wrong; `param` names it.'),
  401: problem('No key, or an unknown one.'),
  403: problem('The key may not do this.'),
  404: problem('No such object.'),
};
