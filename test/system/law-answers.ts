import { KNOWN_SHOPS, type LawMalls, type LawRun } from './law-malls.ts';

export interface Shop {
  readonly code: string;
  readonly name: string | null;
}

export interface ShopVisits {
  readonly shop: Shop;
  readonly visits: number;
  readonly dwellSeconds: number;
}

/** What the API says of one day, without how final it is. */
export interface Answers {
  readonly mallFootfall: readonly [
    { footfall: number; newCustomers: number; returningCustomers: number; settled: boolean },
  ];
  readonly newCustomers: readonly [{ newCustomers: number }];
  readonly hours: readonly { hourStart: string; footfall: number }[];
  readonly peakHour: readonly [{ hourStart: string | null; footfall: number }];
  readonly shops: readonly (ShopVisits & { footfall: number; entered: number })[];
  readonly topShops: readonly { rank: number; shop: Shop; footfall: number }[];
  readonly favorites: { readonly nodes: readonly (ShopVisits & { customer: string })[] };
  readonly repeats: { readonly nodes: readonly { customer: string; shop: Shop; visits: number }[] };
  /** Of the shops S1, S2, S3. */
  readonly shopHours: readonly (readonly { hourStart: string; footfall: number }[])[];
  /** Of every device, in the order of the run's. */
  readonly customers: readonly ({ customer: string; firstSeen: string; imported: boolean } | null)[];
  readonly visited: readonly (readonly (ShopVisits & { firstSeen: string; lastSeen: string })[])[];
  readonly tracks: readonly (readonly object[])[];
}

const VISITS = 'shop { code name } visits dwellSeconds';
const questionOf = (macs: readonly string[]) => `query ($mall: String!, $date: LocalDate!) {
  mallFootfall(mall: $mall, from: $date, to: $date) { footfall newCustomers returningCustomers settled }
  newCustomers(mall: $mall, from: $date, to: $date) { newCustomers }
  hours: hourlyFootfall(mall: $mall, from: $date, to: $date) { hourStart footfall }
  peakHour(mall: $mall, from: $date, to: $date) { hourStart footfall }
  shops: shopFootfall(mall: $mall, from: $date, to: $date) { ${VISITS} footfall entered }
  topShops(mall: $mall, date: $date) { rank shop { code } footfall }
  favorites: favoriteShops(mall: $mall, date: $date, first: 1000) { nodes { customer ${VISITS} } }
  repeats: repeatShops(mall: $mall, date: $date, first: 1000) { nodes { customer shop { code } visits } }
  ${KNOWN_SHOPS.map(
    (code, i) => `
    h${i}: hourlyFootfall(mall: $mall, from: $date, to: $date, shop: "${code}") { hourStart footfall }`,
  ).join('')}
  ${macs
    .map(
      (mac, i) => `
    c${i}: customer(mall: $mall, mac: "${mac}") { customer firstSeen imported }
    v${i}: customerShops(mall: $mall, mac: "${mac}", date: $date) { ${VISITS} firstSeen lastSeen }
    t${i}: customerTrack(mall: $mall, mac: "${mac}", date: $date) { at shop { code } accessPoint rssiDbm x y }`,
    )
    .join('')}
}`;

/** What a mall answers of both days of a run. */
export function answersOf(malls: LawMalls, mall: string, { macs, dates }: LawRun): Promise<Answers[]> {
  return Promise.all(
    dates.map(async (date) => {
      const data = await malls.ask<Record<string, never>>(questionOf(macs), { mall, date });
      return {
        ...(data as unknown as Answers),
        shopHours: KNOWN_SHOPS.map((_, i) => data[`h${i}`]!),
        customers: macs.map((_, i) => data[`c${i}`]!),
        visited: macs.map((_, i) => data[`v${i}`]!),
        tracks: macs.map((_, i) => data[`t${i}`]!),
      };
    }),
  );
}
