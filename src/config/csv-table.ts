import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import type { DirectoryProblems } from './mall-directory-error.ts';
import { quoted } from './quoted.ts';

/** A long table is read in slices, between which the process does its other work. */
const SLICE_BYTES = 65_536;
/** An unclosed quote swallows no more than this. */
const ROW_BYTES_MAX = 65_536;

export interface CsvTable<Column extends string> {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Columns that the header must name, in any order; others are ignored. */
  readonly columns: readonly Column[];
  /** Columns that the header may leave out: their values are '' then. */
  readonly optionalColumns: readonly Column[];
}

/** White space of ASCII around the value is dropped. */
export type CsvRow<Column extends string> = (column: Column) => string;

/**
 * Calls `take` with every row of a table that is whole, and tells `problems` of all others. Blank lines are
 * nothing. A row's line is the one on which it begins, the header's being 1. After a quote that cannot be
 * understood it is anybody's guess where rows begin, so reading ends there.
 */
export async function readCsvTable<Column extends string>(
  table: CsvTable<Column>,
  problems: DirectoryProblems,
  take: (row: CsvRow<Column>, line: number) => void,
): Promise<void> {
  const { file, columns, optionalColumns } = table;
  let header: Header<Column> | undefined;
  let endedOnLine = 0;
  const takeFields = (fields: string[], endsOnLine: number) => {
    const line = endedOnLine + 1;
    endedOnLine = endsOnLine;
    if (fields.length === 1 && trimmed(fields[0]!) === '') return;
    if (header === undefined) header = readHeader(table, fields, line, problems);
    else if (fields.length !== header.fieldCount) {
      problems.add(file, line, wrongFieldCount(fields.length, header.fieldCount));
    } else if (header.whole) take((column) => header!.value(fields, column), line);
  };
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    max_record_size: ROW_BYTES_MAX,
    on_record: (fields: string[], { lines }) => {
      takeFields(fields, lines);
      return null;
    },
  });
  try {
    await pipeline(Readable.from(slices(table.bytes)), parser.resume());
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    problems.add(file, endedOnLine + 1, `${brokenQuoting(error)}; the rest of the file was not read`);
    return;
  }
  if (header === undefined) {
    const names = [...columns, ...optionalColumns].join(',');
    problems.add(file, null, `is empty; its first line must name the columns: ${names}`);
  }
}

interface Header<Column> {
  readonly fieldCount: number;
  /** Whether its rows can be understood. */
  readonly whole: boolean;
  value(fields: readonly string[], column: Column): string;
}

function readHeader<Column extends string>(
  { file, columns, optionalColumns }: CsvTable<Column>,
  fields: readonly string[],
  line: number,
  problems: DirectoryProblems,
): Header<Column> {
  const names = fields.map(trimmed);
  const places = new Map<Column, number>();
  let whole = true;
  const refuse = (reason: string) => {
    whole = false;
    problems.add(file, line, reason);
  };
  for (const column of [...columns, ...optionalColumns]) {
    const place = names.indexOf(column);
    if (place >= 0) places.set(column, place);
    if (place !== names.lastIndexOf(column)) refuse(`column ${column} is there twice; keep one`);
  }
  const missing = columns.filter((column) => !places.has(column));
  if (missing.length > 0) {
    const what = missing.length === 1 ? `column ${missing[0]} is` : `columns ${missing.join(', ')} are`;
    const needed = columns.join(',');
    refuse(`${what} missing; the header must name ${needed}, but is ${quoted(fields.join(','))}`);
  }
  return {
    fieldCount: names.length,
    whole,
    value(row, column) {
      const place = places.get(column);
      return place === undefined ? '' : trimmed(row[place]!);
    },
  };
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    yield bytes.subarray(from, from + SLICE_BYTES);
    await turn();
  }
}

function trimmed(text: string): string {
  return text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
}

function wrongFieldCount(found: number, expected: number): string {
  const advice =
    found > expected
      ? 'put quotes around a value that has a comma in it'
      : 'write a comma for each that is empty';
  return `has ${found} ${found === 1 ? 'value' : 'values'}, but the header names ${expected} columns; ${advice}`;
}

function brokenQuoting({ code }: CsvError): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote opens and never closes; close it';
    case 'CSV_MAX_RECORD_SIZE':
      return `a row is longer than ${ROW_BYTES_MAX} bytes; look for a quote that opens and never closes`;
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'a closing quote is followed by more text; write a quote inside a quoted value as two quotes';
    default:
      return 'a quote stands inside a value; put the whole value in quotes, and write the quote as two quotes';
  }
}
