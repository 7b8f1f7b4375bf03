import { FIELD_NAMES } from './record-fields.ts';

/** One value of a CSV line, and the comma or the end after it. */
const VALUE = /(?:\s*"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;

/** Which field each column of a CSV file holds; −1 = one that we do not read. */
export type CsvColumns = Int8Array;

/** The columns that a file's first line names; undefined when it is no CSV header of probe records. */
export function parseCsvHeader(line: string): CsvColumns | undefined {
  const columns: number[] = [];
  VALUE.lastIndex = 0;
  for (let delimiter = ','; delimiter === ','; ) {
    const value = VALUE.exec(line);
    if (value === null) return undefined;
    const name = (value[1]?.replaceAll('""', '"') ?? value[2] ?? '').trim();
    columns.push((FIELD_NAMES as readonly string[]).indexOf(name));
    delimiter = value[3]!;
  }
  return columns.includes(FIELD_NAMES.indexOf('user_device_mac')) ? Int8Array.from(columns) : undefined;
}
