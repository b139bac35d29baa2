import type { Ask, Reply } from './ask.ts';

/** Works out simple arithmetic: `what is 17*23`, `add 3 to your last answer`, `15% of 200`, `(2 + 3) squared`. */
export function arithmetic(ask: Ask): Reply | undefined {
  if (!/\d/.test(ask.text) || ask.text.length > 2000) return undefined;
  const expression = findExpression(ask);
  if (expression === undefined) return undefined;
  const value = evaluate(expression);
  if (value === undefined) return undefined;
  if (!Number.isFinite(value)) return { text: `${expression} is not defined: division by zero.` };
  const shown = formatNumber(value);
  return ask.brief ? { text: shown, exact: true, number: value } : { text: `${expression} = ${shown}`, number: value };
}

/** The value of an expression of + - * / ^ and brackets; undefined when it is none. */
export function evaluate(expression: string): number | undefined {
  const reader = { tokens: expression.match(/\d+(?:\.\d+)?|[-+*/^()]|\S/g) ?? [], at: 0, depth: 0 };
  const value = sum(reader);
  return reader.at === reader.tokens.length ? value : undefined;
}

const intent =
  /\b(?:what(?:'s| is| are| does)?|calculate|compute|evaluate|solve|how much|work out|sum|add|subtract|multiply|divide|result|equals?)\b|[=?]/i;

function findExpression(ask: Ask): string | undefined {
  const named = spokenOrder(ask);
  if (named) return named;
  const text = ask.lower
    .replace(/(\d),(?=\d{3}\b)/g, '$1')
    .replace(/\bplus\b/g, '+')
    .replace(/\bminus\b|−/g, '-')
    .replace(/\b(?:times|multiplied by)\b|[×·]/g, '*')
    .replace(/(?<=\d)\s*x\s*(?=\d)/g, '*')
    .replace(/\b(?:divided by|over)\b|÷/g, '/')
    .replace(/\bto the power of\b|\*\*/g, '^')
    .replace(/(\d|\))\s+squared\b/g, '$1 ^ 2')
    .replace(/(\d|\))\s+cubed\b/g, '$1 ^ 3')
    .replace(/(\d+(?:\.\d+)?)\s*(?:%|percent)\s+of\s+/g, '$1 / 100 * ');
  const found = text
    .match(/[-(]*\d+(?:\.\d+)?(?:[ )]*[-+*/^][ (-]*\d+(?:\.\d+)?)+\)*/g)
    ?.sort((a, b) => b.length - a.length)[0];
  if (!found || found.length > 200 || /^\d{4}-\d{1,2}(-\d{1,2})?$|^\d{1,2}\/\d{1,2}\/\d{2,4}$/.test(found))
    return undefined;
  const whole = found.length >= text.replace(/[=?.\s]+$/, '').length;
  // `lines 10-20` and `3/4 of the files` are no questions of arithmetic.
  if (!whole && !intent.test(ask.text)) return undefined;
  return found
    .replace(/\s*([-+*/^])\s*/g, ' $1 ')
    .replace(/([(+*/^]|^) - (?=\d)/g, '$1 -')
    .replace(/\s+/g, ' ')
    .trim();
}

const operand = String.raw`(-?\d+(?:\.\d+)?|(?:your|the|my)? ?(?:last|previous|that)? ?(?:answer|result|number|that|it))`;
const orders: [RegExp, (left: string, right: string) => string][] = [
  [new RegExp(String.raw`\badd ${operand} (?:to|and) ${operand}`), (left, right) => `${right} + ${left}`],
  [new RegExp(String.raw`\bsubtract ${operand} from ${operand}`), (left, right) => `${right} - ${left}`],
  [new RegExp(String.raw`\bmultiply ${operand} (?:by|and|with) ${operand}`), (left, right) => `${left} * ${right}`],
  [new RegExp(String.raw`\bdivide ${operand} by ${operand}`), (left, right) => `${left} / ${right}`],
  [new RegExp(String.raw`\bsum of ${operand} and ${operand}`), (left, right) => `${left} + ${right}`],
  [new RegExp(String.raw`\bproduct of ${operand} and ${operand}`), (left, right) => `${left} * ${right}`],
  [
    new RegExp(String.raw`\bdifference (?:between|of) ${operand} and ${operand}`),
    (left, right) => `${left} - ${right}`,
  ],
];

function spokenOrder(ask: Ask): string | undefined {
  for (const [pattern, write] of orders) {
    const match = pattern.exec(ask.lower);
    if (!match) continue;
    const [left, right] = [match[1]!, match[2]!].map((word) => (/\d/.test(word) ? word : lastNumber(ask)));
    if (left !== undefined && right !== undefined) return write(left, right);
  }
  return undefined;
}

function lastNumber(ask: Ask): string | undefined {
  const said = ask.turns.findLast((turn) => turn.role === 'assistant' && /\d/.test(turn.text));
  return said?.text.match(/-?\d+(?:\.\d+)?/g)?.at(-1);
}

const formatNumber = (value: number): string => String(Number.isInteger(value) ? value : Number(value.toPrecision(10)));

interface Reader {
  tokens: string[];
  at: number;
  depth: number;
}

function sum(reader: Reader): number | undefined {
  let value = product(reader);
  while (value !== undefined && /^[-+]$/.test(reader.tokens[reader.at] ?? '')) {
    const sign = reader.tokens[reader.at++];
    const right = product(reader);
    value = right === undefined ? undefined : sign === '+' ? value + right : value - right;
  }
  return value;
}

function product(reader: Reader): number | undefined {
  let value = signed(reader);
  while (value !== undefined && /^[*/]$/.test(reader.tokens[reader.at] ?? '')) {
    const sign = reader.tokens[reader.at++];
    const right = signed(reader);
    value = right === undefined ? undefined : sign === '*' ? value * right : value / right;
  }
  return value;
}

function signed(reader: Reader): number | undefined {
  if (reader.tokens[reader.at] !== '-') return power(reader);
  reader.at++;
  const value = signed(reader);
  return value === undefined ? undefined : -value;
}

function power(reader: Reader): number | undefined {
  const base = atom(reader);
  if (base === undefined || reader.tokens[reader.at] !== '^') return base;
  reader.at++;
  const exponent = signed(reader);
  return exponent === undefined ? undefined : base ** exponent;
}

function atom(reader: Reader): number | undefined {
  const token = reader.tokens[reader.at++];
  if (token !== '(') return token !== undefined && /^\d/.test(token) ? Number(token) : undefined;
  if (reader.depth++ > 50) return undefined;
  const value = sum(reader);
  return reader.tokens[reader.at++] === ')' ? value : undefined;
}
