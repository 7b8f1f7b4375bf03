import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a program of somebody else asks. */
const DOCUMENT = `
  query Day($mall: String!, $date: LocalDate!) {
    mallFootfall(mall: $mall, from: $date, to: $date) { date footfall newCustomers settled asOf }
    shopFootfall(mall: $mall, from: $date, to: $date) { ...Row shop { code name } dwellSeconds }
    favoriteShops(mall: $mall, date: $date, first: 10) { nodes { customer shop { name } } pageInfo { endCursor } }
    ingest(mall: $mall, from: $date, to: $date) { kept dropped { reason count } }
  }
  fragment Row on DayRow { date settled stale }
  subscription Positions($mall: String!) {
    customerPositions(mall: $mall) { at full positions { customer x y shop { code } } left }
  }`;

const PROGRAM = `
import { type DayQuery, type DayQueryVariables, DayDocument, type PositionsSubscription } from './generated.js';
const variables: DayQueryVariables = { mall: 'shanghai', date: '2024-06-14' };
export function read(day: DayQuery, update: PositionsSubscription): number {
  const [row] = day.mallFootfall;
  const name: string | null | undefined = day.shopFootfall[0]?.shop.name;
  const at: string = update.customerPositions.at;
  return (row?.footfall ?? 0) + (name ?? at).length + (day.shopFootfall[0]?.dwellSeconds ?? 0);
}
export const asked = [DayDocument, variables] as const;
`;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-types-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const code = await codegen({
    filename: 'generated.ts',
    schema: parse(readFileSync(join(ROOT, 'schema.graphql'), 'utf8')),
    schemaAst: buildSchema(readFileSync(join(ROOT, 'schema.graphql'), 'utf8')),
    documents: [{ document: parse(DOCUMENT) }],
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      scalars: { DateTime: 'string', LocalDate: 'string', SafeInt: 'number' },
    },
    plugins: [{ operations: {} }, { typedDocumentNode: {} }],
    pluginMap: { operations, typedDocumentNode },
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'generated.ts'), code);
});
afterAll(() => rmSync(folder, { recursive: true }));

function complaintsAbout(program: string): string[] {
  const file = join(folder, 'program.ts');
  writeFileSync(file, program);
  const compiled = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  });
  return ts
    .getPreEmitDiagnostics(compiled)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('types that are generated from schema.graphql compile, with a program that uses them', () => {
  expect(complaintsAbout(PROGRAM)).toEqual([]);
});

test.each([
  ['a misspelled field', PROGRAM.replace('row?.footfall', 'row?.footfal'), /'footfal' does not exist/],
  ['a field that is not asked for', PROGRAM.replace('row?.footfall', 'row?.stale'), /'stale' does not exist/],
  [
    'a number that is a text',
    PROGRAM.replace('const at: string', 'const at: number'),
    /not assignable to type 'number'/,
  ],
  ['a variable that is missing', PROGRAM.replace(", date: '2024-06-14'", ''), /'date' is missing/],
])('and keep a program from %s', (_what, program, complaint) => {
  expect(complaintsAbout(program).join('\n')).toMatch(complaint);
});
