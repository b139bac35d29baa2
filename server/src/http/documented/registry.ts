import { type OpenAPIHono, z } from '@hono/zod-openapi';

/** Where routes and components are entered for `/openapi.json`. */
export type DocumentRegistry = OpenAPIHono['openAPIRegistry'];
export type RouteDocument = Parameters<DocumentRegistry['registerPath']>[0];

export const reference = (kind: 'headers' | 'parameters', name: string) => ({ $ref: `#/components/${kind}/${name}` });

/** A JSON body of this schema. */
export const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } });

/** A field with its sentence. */
export const said = <T extends z.ZodType>(schema: T, description: string): T => schema.openapi({ description });

export const text = (description: string) => said(z.string(), description);
export const count = (description: string) => said(z.number().int(), description);
/** A text, or a list of parts of the dialect's own kinds. */
export const textOrParts = (description: string) =>
  said(z.union([z.string(), z.array(z.looseObject({}))]), description);
