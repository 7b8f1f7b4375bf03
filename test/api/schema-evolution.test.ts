import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
// @ts-expect-error: a script, which has no types.
import { schemaProblems as problemsOf } from '../../scripts/schema-evolution.mjs';

type SchemaProblems = (
  released: string,
  current: string,
  declared: readonly { readonly change: string; readonly why?: string }[],
) => string[];
const schemaProblems = problemsOf as SchemaProblems;

const RELEASED = readFileSync(new URL('../../scripts/released.graphql', import.meta.url), 'utf8');
const without = (text: string | RegExp) => RELEASED.replace(text, '');
const FIELD = /\n\s*"""[^"]*"""\n\s*newCustomers: Int!(?=[\s\S]*?returningCustomers)/;

describe('against the last release', () => {
  test('what only adds is no problem', () => {
    const more = RELEASED.replace(/type PageInfo \{/, 'type PageInfo {\n  hasPreviousPage: Boolean\n');
    expect(schemaProblems(RELEASED, more, [])).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ['a field that is gone', without(FIELD), /MallFootfall.newCustomers was removed/],
    [
      'a field of another type',
      RELEASED.replace('returningCustomers: Int!', 'returningCustomers: Int'),
      /changed type from Int! to Int/,
    ],
    [
      'an argument that must be given',
      RELEASED.replace('limit: Int! = 5', 'limit: Int!, least: Int!'),
      /required arg least/i,
    ],
  ])('%s is one, unless it is declared with why', (_what, current, problem) => {
    const [found, ...others] = schemaProblems(RELEASED, current, []);
    expect(found).toMatch(problem);
    const change = found!.replace(/^breaks clients of the last release: /, '');
    const rest = others.map((other) => ({ change: other.replace(/^[^:]*: /, ''), why: 'x' }));
    expect(schemaProblems(RELEASED, current, [{ change, why: 'it was wrong' }, ...rest])).toEqual([]);
    expect(schemaProblems(RELEASED, current, [{ change }, ...rest])).toEqual([
      `is declared without why: ${change}`,
    ]);
  });

  test('a declaration of what is no breaking change is one, too', () => {
    expect(schemaProblems(RELEASED, RELEASED, [{ change: 'x', why: 'y' }])).toEqual([
      'is declared and is no breaking change: x',
    ]);
  });
});
