/** The OpenAPI document, made from the table of routes and their schemas: what is checked is what is described. */
import * as z from 'zod/mini';
import { ROUTES, type Route } from './routes.ts';

const schemaOf = (schema: z.core.$ZodType, io: 'input' | 'output'): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};
const content = (schema: z.core.$ZodType, io: 'input' | 'output') => ({
  'application/json': { schema: schemaOf(schema, io) },
});

const operation = ({ summary, takes, query = {}, answers, path, isOpen }: Route): object => ({
  summary,
  parameters: [
    ...(path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] : []),
    ...Object.entries(query).map(([name, description]) => ({
      name,
      in: 'query',
      description,
      schema: { type: 'integer' },
    })),
  ],
  ...(takes === undefined ? {} : { requestBody: { required: true, content: content(takes, 'input') } }),
  responses: Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      {
        description: answer.summary,
        ...(answer.schema === undefined ? {} : { content: content(answer.schema, 'output') }),
      },
    ]),
  ),
  security: isOpen ? [] : [{ bearer: [] }],
});

export const openApiDocument = (version: string): object => {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Turnstile', version },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
};
