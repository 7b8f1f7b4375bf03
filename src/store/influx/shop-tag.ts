import type { Codebook } from '../../codebook.ts';
import { quotedText } from './influx-ql.ts';
import { tagOf, textOfTag } from './line-buffer.ts';
import type { ScannedSeries } from './row-scanner.ts';

/** So many shops are named in a question; of more, all are read and the rest passed over. */
const NAMED_MAX = 100;

/** The number of the shop that a series is of. */
export function shopOfSeries(codebook: Codebook, { tags }: ScannedSeries): number {
  return codebook.shop(textOfTag(tags?.shop ?? ''));
}

export function shopIs(codebook: Codebook, shop: number): string {
  return `shop = ${quotedText(tagOf(codebook.shopCode(shop)))}`;
}

/** What a condition ends with so that only these shops are read; nothing where all are, or too many. */
export function andInShops(codebook: Codebook, shops: ReadonlySet<number> | undefined): string {
  if (shops === undefined || shops.size > NAMED_MAX) return '';
  return ` AND (${[...shops].map((shop) => shopIs(codebook, shop)).join(' OR ')})`;
}
