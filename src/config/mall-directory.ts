import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mall } from '../terms.ts';
import { readAccessPointList } from './access-point-list.ts';
import { readCustomerList } from './customer-list.ts';
import { DirectoryProblems } from './mall-directory-error.ts';
import { readMallJson } from './mall-json.ts';
import { quoted } from './quoted.ts';
import { readShopList } from './shop-list.ts';

/** Every file that a mall directory is read from. */
export const MALL_FILES = ['mall.json', 'area_shop.csv', 'place_info.csv', 'shop_user_record.csv'] as const;
type MallFile = (typeof MALL_FILES)[number];

export function isMallCode(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,48}$/.test(text);
}

/** Reads the directory of one mall. Rejects with a MallDirectoryError that has every mistake of its files. */
export async function readMallDirectory(folder: string, code: string): Promise<Mall> {
  const problems = new DirectoryProblems();
  if (!isMallCode(code)) {
    const reason = `${quoted(code)} is no mall code; name the folder by 1 to 48 of A-Z a-z 0-9 _ -`;
    problems.add('', null, reason);
  }
  const json = await readBytes(folder, 'mall.json', problems);
  const about = json && readMallJson(new TextDecoder().decode(json), problems);
  const shopList = await readBytes(folder, 'area_shop.csv', problems);
  const shops = shopList && (await readShopList(shopList, problems));
  const accessPointList = await readBytes(folder, 'place_info.csv', problems);
  const accessPoints = accessPointList && (await readAccessPointList(accessPointList, problems));
  const customerList = await readBytes(folder, 'shop_user_record.csv', problems, 'optional');
  const importedCustomers = customerList ? await readCustomerList(customerList, problems) : [];
  const error = problems.toError(code);
  if (error !== undefined) throw error;
  const { name, timeZone, settings } = about!;
  return Object.freeze({
    code,
    name,
    timeZone,
    settings: Object.freeze(settings),
    shops: shops!,
    accessPoints: accessPoints!,
    importedCustomers: Object.freeze(importedCustomers),
  });
}

/** The bytes of a file when they are text; undefined when it is missing, or after telling `problems` why not. */
async function readBytes(
  folder: string,
  file: MallFile,
  problems: DirectoryProblems,
  presence: 'required' | 'optional' = 'required',
): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') problems.addUnreadable(file, error);
    else if (presence === 'required') problems.add(file, null, `is missing; put it into ${folder}`);
    return undefined;
  }
  if (isUtf8(bytes)) return bytes;
  problems.add(file, firstLineNotUtf8(bytes), 'is not UTF-8; save the file as UTF-8');
  return undefined;
}

function firstLineNotUtf8(bytes: Uint8Array): number {
  let line = 1;
  let from = 0;
  let until = bytes.indexOf(0x0a);
  while (until >= 0 && isUtf8(bytes.subarray(from, until))) {
    line++;
    from = until + 1;
    until = bytes.indexOf(0x0a, from);
  }
  return line;
}
