import { OVERFLOW_SHOP } from '../codebook.ts';
import { readCsvTable } from './csv-table.ts';
import type { DirectoryProblems } from './mall-directory-error.ts';
import { quoted } from './quoted.ts';

const FILE = 'area_shop.csv';
/** As for records: a code that no record can have would never be heard of. */
const CODE_BYTES_MAX = 64;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Shop names by code, ordered by code. */
export async function readShopList(
  bytes: Uint8Array,
  problems: DirectoryProblems,
): Promise<ReadonlyMap<string, string>> {
  const columns = ['shop_code', 'shop_name'] as const;
  const names: [string, string][] = [];
  const lines = new Map<string, number>();
  await readCsvTable({ file: FILE, bytes, columns, optionalColumns: [] }, problems, (value, line) => {
    const code = value('shop_code');
    const name = value('shop_name');
    const before = lines.get(code);
    const wrongCode =
      before === undefined
        ? whyNoCode(code)
        : `shop_code ${quoted(code)} is already on line ${before}; give each shop one line`;
    if (wrongCode !== undefined) problems.add(FILE, line, wrongCode);
    else lines.set(code, line);
    if (CONTROL_CHARACTER.test(name)) {
      problems.add(FILE, line, `shop_name ${quoted(name)} has a control character; take it out`);
    }
    names.push([code, name]);
  });
  return new Map(names.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function whyNoCode(code: string): string | undefined {
  if (code === '') return 'shop_code is empty; write the code that the records name';
  if (code === OVERFLOW_SHOP) {
    return `shop_code "${OVERFLOW_SHOP}" stands for the unknown shops of a flood; choose another`;
  }
  if (CONTROL_CHARACTER.test(code)) return `shop_code ${quoted(code)} has a control character; take it out`;
  const bytes = Buffer.byteLength(code);
  if (bytes <= CODE_BYTES_MAX) return undefined;
  return `shop_code ${quoted(code)} has ${bytes} bytes; ${CODE_BYTES_MAX} are the most that a record may name`;
}
