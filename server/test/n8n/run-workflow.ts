/** The little of n8n that runs our workflows: items flow along the connections, and expressions are worked out for each. */

export type Json = Record<string, unknown>;

export interface WorkflowNode {
  id: string;
  name: string;
  type: string;
  typeVersion: number;
  position: [number, number];
  parameters: Json;
  credentials?: Record<string, { id: string; name: string }>;
}

export interface Workflow {
  name: string;
  nodes: WorkflowNode[];
  connections: Record<string, { main: { node: string; type: string; index: number }[][] }>;
}

export interface SentRequest {
  node: string;
  method: string;
  url: string;
  status: number;
}

export interface Run {
  /** What each node that ran gave on, by its name. */
  items: Record<string, Json[]>;
  requests: SentRequest[];
  /** What the webhook answered. */
  answer?: unknown;
}

export interface RunWish {
  key: string;
  /** What the trigger gives. */
  trigger: Json;
  /** Fields of the node `Settings` that are otherwise. */
  settings: Json;
}

/** Runs a workflow from its trigger to its ends. Throws what an expression or a request does. */
export async function runWorkflow({ nodes, connections }: Workflow, { key, trigger, settings }: RunWish): Promise<Run> {
  const run: Run = { items: {}, requests: [] };
  const byName = new Map(nodes.map((node) => [node.name, node]));

  async function go(name: string, input: Json[]): Promise<void> {
    const outputs = await execute(byName.get(name)!, input);
    run.items[name] = outputs.flat();
    for (const [index, output] of outputs.entries()) {
      // A branch that nothing takes does not run.
      if (output.length === 0) continue;
      for (const next of connections[name]?.main[index] ?? []) await go(next.node, output);
    }
  }

  async function execute(node: WorkflowNode, input: Json[]): Promise<Json[][]> {
    const worked = (value: unknown, item: Json) => evaluate(value, item, run.items);
    const { parameters } = node;
    switch (node.type.replace('n8n-nodes-base.', '')) {
      case 'webhook':
      case 'scheduleTrigger':
        return [[trigger]];
      case 'set': {
        const { assignments } = parameters.assignments as {
          assignments: { name: string; type: string; value: unknown }[];
        };
        return [
          input.map((item) => {
            const fields = assignments.map(({ name, type, value }): [string, unknown] => {
              const given = node.name === 'Settings' && name in settings ? settings[name] : worked(value, item);
              if (typeOf(given) !== type) throw new Error(`${node.name}: ${name} is ${typeOf(given)} and not ${type}`);
              return [name, given];
            });
            return Object.fromEntries(fields);
          }),
        ];
      }
      case 'if': {
        const { conditions } = parameters.conditions as { conditions: Condition[] };
        const holds = (item: Json) =>
          conditions.every(({ leftValue, rightValue, operator }) =>
            compare(operator, worked(leftValue, item), worked(rightValue, item)),
          );
        return [input.filter(holds), input.filter((item) => !holds(item))];
      }
      case 'splitOut': {
        const field = parameters.fieldToSplitOut as string;
        const { destinationFieldName } = parameters.options as { destinationFieldName?: string };
        const parts = input.flatMap((item) => item[field] as unknown[]);
        return [
          parts.map((part) =>
            typeof part === 'object' && destinationFieldName === undefined
              ? (part as Json)
              : { [destinationFieldName ?? field]: part },
          ),
        ];
      }
      case 'aggregate':
        return [[{ [parameters.destinationFieldName as string]: input }]];
      case 'respondToWebhook':
        run.answer = JSON.parse(worked(parameters.responseBody, input[0]!) as string);
        return [input];
      case 'httpRequest': {
        const answers: Json[] = [];
        for (const item of input) answers.push(await send(node, (value) => worked(value, item)));
        return [answers];
      }
      default:
        throw new Error(`${node.type} is not known here`);
    }
  }

  async function send({ name, parameters }: WorkflowNode, worked: (value: unknown) => unknown): Promise<Json> {
    const url = new URL(worked(parameters.url) as string);
    for (const each of pairs(parameters.queryParameters)) url.searchParams.set(each.name, String(worked(each.value)));
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    for (const each of pairs(parameters.headerParameters)) headers[each.name] = String(worked(each.value));
    const method = parameters.method as string;
    const body = parameters.sendBody ? JSON.stringify(JSON.parse(worked(parameters.jsonBody) as string)) : undefined;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
    const text = await response.text();
    run.requests.push({ node: name, method, url: url.href, status: response.status });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${text}`);
    return JSON.parse(text) as Json;
  }

  const start = nodes.find(({ type }) => isTrigger(type))!;
  await go(start.name, [{}]);
  return run;
}

export const isTrigger = (type: string): boolean => /\.(webhook|\w*Trigger)$/.test(type);

interface Condition {
  leftValue: unknown;
  rightValue: unknown;
  operator: { type: string; operation: string };
}

function compare({ type, operation }: Condition['operator'], left: unknown, right: unknown): boolean {
  // As with `typeValidation: strict`.
  for (const side of [left, right]) if (typeof side !== type) throw new Error(`${String(side)} is no ${type}`);
  if (operation === 'gte') return (left as number) >= (right as number);
  if (operation === 'equals') return left === right;
  throw new Error(`the operation ${operation} is not known here`);
}

const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

const pairs = (collection: unknown): { name: string; value: unknown }[] =>
  (collection as { parameters: { name: string; value: unknown }[] } | undefined)?.parameters ?? [];

/** A value that begins with `=` is a text with `{{ expressions }}` in it; one that is an expression alone keeps its type. */
function evaluate(value: unknown, item: Json, seen: Record<string, Json[]>): unknown {
  if (typeof value !== 'string' || !value.startsWith('=')) return value;
  const $ = (name: string) => {
    const items = seen[name];
    if (!items) throw new Error(`the node ${JSON.stringify(name)} has not run`);
    return { first: () => ({ json: items[0] }), all: () => items.map((json) => ({ json })) };
  };
  const work = (source: string): unknown => new Function('$json', '$', `return (${source});`)(item, $);
  const text = value.slice(1);
  // An expression ends at the first `}}`, as it does in n8n.
  const alone = /^\{\{((?:(?!\}\})[\s\S])*)\}\}$/.exec(text);
  if (alone) return work(alone[1]!);
  return text.replace(/\{\{([\s\S]*?)\}\}/g, (_all, source: string) => String(work(source)));
}
