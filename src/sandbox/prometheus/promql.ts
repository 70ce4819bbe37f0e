import { BadRequest } from './time-parameters.js';

/** How a matcher compares. */
export type MatchOperator = '=' | '!=' | '=~' | '!~';
/** One condition on a label. */
export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}
/** A metric with its matchers. */
export interface Selector {
  readonly kind: 'selector';
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}
/** `max by (a, b) (...)`. */
export interface Aggregation {
  readonly kind: 'aggregation';
  readonly operator: 'max' | 'min' | 'sum' | 'count';
  readonly by: readonly string[];
  readonly of: Expression;
}
/** `left or right`. */
export interface Union {
  readonly kind: 'union';
  readonly left: Expression;
  readonly right: Expression;
}
/**
 * The subset the sandbox evaluates: selectors, `max|min|sum|count by (...) (...)` with the labels before or after,
 * and `or` between them.
 */
export type Expression = Selector | Aggregation | Union;

const TOKEN = /\s*(?:([A-Za-z_:][A-Za-z0-9_:]*)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(=~|!~|!=|[={}(),]))/y;

/** Throws BadRequest: `bad_data` for what is not PromQL, `execution` for PromQL beyond the subset. */
export function parsePromQl(text: string): Expression {
  const tokens = tokenize(text);
  if (tokens.length === 0) {
    throw malformed('unknown position: parse error: no expression found in input');
  }
  const reader = new TokenReader(tokens);
  const expression = parseExpression(reader);
  if (!reader.isDone) throw beyond(reader.peek());
  return expression;
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.trimEnd().length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) {
      const rest = text.slice(at).trimStart();
      if (/^[\d[\]+\-*/<>@.]/.test(rest)) throw beyond(rest.slice(0, 10));
      throw malformed(`1:${at + 1}: parse error: unexpected character: ${JSON.stringify(rest.charAt(0))}`);
    }
    tokens.push(match[1] ?? match[2] ?? match[3] ?? '');
    at = TOKEN.lastIndex;
  }
  return tokens;
}

class TokenReader {
  #at = 0;
  constructor(private readonly tokens: readonly string[]) {}
  get isDone(): boolean {
    return this.#at >= this.tokens.length;
  }
  peek(): string {
    return this.tokens[this.#at] ?? '';
  }
  take(): string {
    const token = this.peek();
    if (this.isDone) throw malformed('parse error: unexpected end of input');
    this.#at += 1;
    return token;
  }
  expect(wanted: string): void {
    const token = this.take();
    if (token !== wanted) throw malformed(`parse error: unexpected "${token}", expected "${wanted}"`);
  }
}

const malformed = (what: string): BadRequest => new BadRequest('bad_data', `invalid parameter "query": ${what}`);
const beyond = (what: string): BadRequest =>
  new BadRequest('execution', `the sandbox does not evaluate this PromQL (at "${what}")`);

function parseExpression(reader: TokenReader): Expression {
  let left = parseOperand(reader);
  while (reader.peek() === 'or') {
    reader.expect('or');
    left = { kind: 'union', left, right: parseOperand(reader) };
  }
  return left;
}

function parseOperand(reader: TokenReader): Expression {
  if (reader.peek() === '(') {
    reader.expect('(');
    const inner = parseExpression(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.peek() === '{') return parseSelector('', reader);
  const name = reader.take();
  if (!/^[A-Za-z_:]/.test(name)) throw malformed(`parse error: unexpected "${name}"`);
  switch (name) {
    case 'max':
    case 'min':
    case 'sum':
    case 'count':
      return parseAggregation(name, reader);
    default:
      if (reader.peek() === '(') throw beyond(name);
      return parseSelector(name, reader);
  }
}

function parseAggregation(operator: Aggregation['operator'], reader: TokenReader): Aggregation {
  let by = reader.peek() === 'by' ? parseGrouping(reader) : undefined;
  reader.expect('(');
  const of = parseExpression(reader);
  reader.expect(')');
  if (by === undefined && reader.peek() === 'by') by = parseGrouping(reader);
  return { kind: 'aggregation', operator, by: by ?? [], of };
}

function parseGrouping(reader: TokenReader): readonly string[] {
  reader.expect('by');
  reader.expect('(');
  const labels: string[] = [];
  while (reader.peek() !== ')') {
    labels.push(reader.take());
    if (reader.peek() === ',') reader.expect(',');
  }
  reader.expect(')');
  return labels;
}

function parseSelector(metric: string, reader: TokenReader): Selector {
  const matchers: Matcher[] = [];
  if (reader.peek() === '{') {
    reader.expect('{');
    while (reader.peek() !== '}') {
      const label = reader.take();
      const operator = reader.take();
      if (operator !== '=' && operator !== '!=' && operator !== '=~' && operator !== '!~') {
        throw malformed(`parse error: unexpected "${operator}" in label matching, expected label matching operator`);
      }
      matchers.push({ label, operator, value: unquote(reader.take()) });
      if (reader.peek() === ',') reader.expect(',');
    }
    reader.expect('}');
  }
  if (metric === '' && matchers.every((m) => m.value === '')) {
    throw malformed('parse error: vector selector must contain at least one non-empty matcher');
  }
  return { kind: 'selector', metric, matchers };
}

function unquote(token: string): string {
  if (!/^["']/.test(token)) throw malformed(`parse error: unexpected "${token}" in label matching, expected string`);
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return token.slice(1, -1).replaceAll(/\\(.)/gs, (_, c: string) => escapes[c] ?? c);
}
