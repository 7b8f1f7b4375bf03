import { formatMac, parseMac } from '../../mac.ts';
import type { EpochDay } from '../../terms.ts';
import type { MallIdentity } from '../store.ts';
import type { InfluxMall } from './influx-mall.ts';
import { quotedText } from './influx-ql.ts';
import { fieldName, type LineBuffer, seriesKey } from './line-buffer.ts';
import type { RowReader } from './row-scanner.ts';

/** What is kept once a mall: its identity, what of it is forgotten, the numbers of its codes and access points. */

const FINGERPRINT = fieldName('fingerprint');
const TIME_ZONE = fieldName('time_zone');
const RAW = fieldName('raw');
const CUSTOMERS = fieldName('customers');
const TEXT = fieldName('text');

export function putIdentity(lines: LineBuffer, mall: string, { fingerprint, timeZone }: MallIdentity): void {
  lines.begin(seriesKey('identity', { mall }));
  lines.text(FINGERPRINT, fingerprint);
  lines.text(TIME_ZONE, timeZone);
  lines.end(0, 0);
}

export const IDENTITIES_QUESTION = 'SELECT fingerprint, time_zone FROM identity GROUP BY mall';

export function identityQuestion(mall: string): string {
  return `SELECT fingerprint, time_zone FROM identity WHERE mall = ${quotedText(mall)} GROUP BY mall`;
}

export function readIdentities(into: Map<string, MallIdentity>): RowReader {
  let mall = '';
  return {
    begin: ({ tags }) => {
      mall = tags?.mall ?? '';
    },
    row: ({ texts }) => void into.set(mall, { fingerprint: texts[1] ?? '', timeZone: texts[2] ?? '' }),
  };
}

/** A limit that was reached never moves back: it is compared before it is written. */
export function putExpired(
  lines: LineBuffer,
  mall: string,
  { raw, customers }: { raw: EpochDay | null; customers: EpochDay | null },
): void {
  if (raw === null && customers === null) return;
  lines.begin(seriesKey('expired', { mall }));
  if (raw !== null) lines.integer(RAW, raw);
  if (customers !== null) lines.integer(CUSTOMERS, customers);
  lines.end(0, 0);
}

export function expiredQuestion(mall: string): string {
  return `SELECT raw, customers FROM expired WHERE mall = ${quotedText(mall)}`;
}

export function readExpired(mall: InfluxMall): RowReader {
  const orNull = (value: number) => (Number.isNaN(value) ? null : value);
  return {
    row: ({ numbers }) => {
      mall.expired = { raw: orNull(numbers[1]!), customers: orNull(numbers[2]!) };
    },
  };
}

/** Numbers that the store lacks; each stands at as many seconds after 1970. */
export function putCodebook(lines: LineBuffer, mall: InfluxMall): void {
  const { code, codebook, shopsKept, accessPointsKept } = mall;
  for (let number = shopsKept + 1; number <= codebook.shopCount; number++) {
    lines.begin(seriesKey('codebook', { kind: 'shop', mall: code }));
    lines.text(TEXT, codebook.shopCode(number));
    lines.end(number, 0);
  }
  for (let number = accessPointsKept + 1; number <= codebook.accessPointCount; number++) {
    lines.begin(seriesKey('codebook', { kind: 'access_point', mall: code }));
    lines.text(TEXT, formatMac(codebook.accessPointMac(number)));
    lines.end(number, 0);
  }
}

export function codebookQuestion(mall: string): string {
  return `SELECT text FROM codebook WHERE mall = ${quotedText(mall)} GROUP BY kind`;
}

/** Ascending, so that numbers come out as they were given. */
export function readCodebook({ codebook }: InfluxMall): RowReader {
  let isShop = false;
  return {
    begin: ({ tags }) => {
      isShop = tags?.kind === 'shop';
    },
    row: ({ texts }) => {
      const text = texts[1] ?? '';
      if (isShop) codebook.shop(text);
      else codebook.accessPoint(parseMac(text) ?? 0);
    },
  };
}
