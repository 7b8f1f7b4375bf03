import { parseMac } from '../mac.ts';
import type { ImportedCustomer } from '../terms.ts';
import { readCsvTable } from './csv-table.ts';
import type { DirectoryProblems } from './mall-directory-error.ts';
import { quoted } from './quoted.ts';

const FILE = 'shop_user_record.csv';
const COLUMNS = ['user_device_mac', 'first_coming_time', 'last_coming_time'] as const;
/** Times are kept in 32 bits. */
const TIME_MAX_S = 2 ** 32 - 1;

/**
 * The mall's own customers, line by line: a customer on several lines came on all of them. Messages never show
 * an address, which would be a customer's.
 */
export async function readCustomerList(
  bytes: Uint8Array,
  problems: DirectoryProblems,
): Promise<readonly ImportedCustomer[]> {
  const customers: ImportedCustomer[] = [];
  const table = { file: FILE, bytes, columns: COLUMNS, optionalColumns: [] };
  await readCsvTable<(typeof COLUMNS)[number]>(table, problems, (value, line) => {
    const refuse = (reason: string) => problems.add(FILE, line, reason);
    const mac = parseMac(value('user_device_mac'));
    if (mac === undefined) refuse('user_device_mac is no MAC address; write 12 hexadecimal digits');
    else if (!isDevice(mac)) refuse('user_device_mac is no address of a single device; take the line out');
    const [firstSeenS, lastSeenS] = (['first_coming_time', 'last_coming_time'] as const).map((column) => {
      const text = value(column);
      if (/^\d{1,10}$/.test(text) && Number(text) <= TIME_MAX_S) return Number(text);
      refuse(
        `${column} ${quoted(text)} is no time; write epoch seconds such as 1718362800 (not milliseconds, not a date)`,
      );
      return undefined;
    });
    if (mac === undefined || firstSeenS === undefined || lastSeenS === undefined) return;
    if (firstSeenS > lastSeenS) {
      refuse(
        `first_coming_time ${firstSeenS} is after last_coming_time ${lastSeenS}; the first may not be later than the last`,
      );
    }
    customers.push({ mac, firstSeenS, lastSeenS });
  });
  return customers;
}

/** As for records: not zero, and no group address. */
function isDevice(mac: number): boolean {
  return mac !== 0 && Math.floor(mac / 2 ** 40) % 2 === 0;
}
