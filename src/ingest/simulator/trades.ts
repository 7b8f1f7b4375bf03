/** Parts of a day that draw people to different shops. */
export const DAY_PARTS = 4;

/** Until 11:00, until 14:00, until 17:00, after. */
export function dayPartOf(minuteOfDay: number): number {
  if (minuteOfDay < 660) return 0;
  if (minuteOfDay < 840) return 1;
  return minuteOfDay < 1_020 ? 2 : 3;
}

/** What shops sell, and how much each part of the day draws to them. */
export interface Trade {
  readonly names: readonly string[];
  readonly pull: readonly [number, number, number, number];
}

const TRADES: readonly Trade[] = [
  { names: ['Fashion', 'Menswear', 'Denim', 'Outlet'], pull: [0.7, 0.8, 1.3, 1.1] },
  { names: ['Coffee', 'Bakery', 'Espresso Bar', 'Tea House'], pull: [2.6, 1.1, 1, 0.5] },
  { names: ['Kitchen', 'Noodles', 'Grill', 'Trattoria'], pull: [0.2, 2.8, 0.5, 1.9] },
  { names: ['Shoes', 'Sneakers', 'Leather'], pull: [0.7, 0.8, 1.3, 1.1] },
  { names: ['Cosmetics', 'Perfumery', 'Beauty'], pull: [0.8, 1, 1.2, 1] },
  { names: ['Market', 'Fresh', 'Delicatessen'], pull: [1.4, 0.9, 0.8, 1.5] },
  { names: ['Electronics', 'Mobile', 'Audio'], pull: [0.7, 1, 1.2, 1] },
  { names: ['Books', 'Stationery', 'Games'], pull: [0.8, 1, 1.3, 0.8] },
  { names: ['Toys', 'Kids', 'Baby'], pull: [0.9, 0.7, 1.6, 0.6] },
  { names: ['Sports', 'Outdoor', 'Cycles'], pull: [0.7, 0.8, 1.1, 1.2] },
  { names: ['Pharmacy', 'Optics', 'Hearing'], pull: [1.5, 1, 0.9, 0.8] },
  { names: ['Home', 'Linen', 'Lighting'], pull: [0.8, 0.8, 1.3, 0.9] },
  { names: ['Jewellery', 'Watches'], pull: [0.6, 0.9, 1.3, 1.1] },
  { names: ['Cinema', 'Arcade'], pull: [0.1, 0.4, 1.1, 2.4] },
];

const HOUSES = [
  'Kestrel',
  'Nordahl',
  'Solano',
  'Marlow & Finch',
  'Lumière',
  'Tamarind',
  'Brightwater',
  'Okada',
  'Vesper',
  'Alder & Oak',
  'Corvina',
  'Halcyon',
  'Juniper Lane',
  'Meridian',
  'Pellegrino',
  'Quince',
  'Rosehip',
  'Saffron',
  'Thistle',
  'Umbra',
  'Valois',
  'Windrose',
  'Ximena',
  'Yarrow',
  'Zephyr',
  'Bellini',
  'Cobalt',
  'Driftwood',
  'Eastgate',
  'Fernhill',
  'Granville',
  'Hawthorn',
  'Indigo',
  'Jasper',
  'Kingfisher',
  'Larkspur',
  'Moonrise',
] as const;

/** The trade and the invented name of a shop; names repeat, as those of chains do, after 1,036 shops. */
export function shopOf(index: number): { readonly trade: Trade; readonly name: string } {
  const trade = TRADES[index % TRADES.length]!;
  const house = (index * 11) % HOUSES.length;
  const round = Math.floor(index / (TRADES.length * HOUSES.length));
  const word = trade.names[(house + round) % trade.names.length]!;
  return { trade, name: `${HOUSES[house]!} ${word}` };
}

/** Where the trade is not known. */
export const ANY_TRADE: Trade = { names: ['Shop'], pull: [1, 1, 1, 1] };
