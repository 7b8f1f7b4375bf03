import { Calendar, formatDay } from '../../src/calendar.ts';
import { Chance } from '../../src/ingest/simulator/chance.ts';
import type { DayRange } from '../../src/terms.ts';
import { BENCH_MALL, BENCH_PLAN } from './bench-mall.ts';
import type { HttpClient } from './http-client.ts';

const CUSTOMERS_PER_DAY = 50;
const DAYS_LOOKED_INTO = 10;
const NOON_S = 12 * 3_600;
const BUSY_S = 6 * 3_600;

interface CustomerOfDay {
  readonly customer: string;
  readonly date: string;
}

/** Draws what to ask about: days, customers who were there, moments at which the mall was full. */
export class AskedHistory {
  readonly days: DayRange;
  readonly #customers: readonly CustomerOfDay[];
  readonly #chance = new Chance(BENCH_PLAN.seed, 2);
  readonly #calendar = new Calendar(BENCH_PLAN.timeZone);

  constructor(days: DayRange, customers: readonly CustomerOfDay[]) {
    this.days = days;
    this.#customers = customers;
  }

  anyDay(): number {
    return this.days.from + this.#chance.below(this.days.to - this.days.from + 1);
  }

  anyCustomer(): CustomerOfDay {
    return this.#customers[this.#chance.below(this.#customers.length)]!;
  }

  anyBusyS(): number {
    const { fromS } = this.#calendar.range(this.anyDay());
    return fromS + NOON_S + 60 * this.#chance.below(BUSY_S / 60);
  }
}

/** Finds customers by asking the server that is measured. */
export async function askHistory(client: HttpClient, days: DayRange): Promise<AskedHistory> {
  const query = `query ($date: LocalDate!) {
    favoriteShops(mall: "${BENCH_MALL}", date: $date, first: ${CUSTOMERS_PER_DAY}) { nodes { customer } }
  }`;
  const customers: CustomerOfDay[] = [];
  const step = Math.max(1, Math.floor((days.to - days.from) / DAYS_LOOKED_INTO));
  for (let day = days.from; day <= days.to; day += step) {
    const date = formatDay(day);
    const { body } = await client.ask(query, { date });
    const { data } = JSON.parse(body.toString()) as {
      data: { favoriteShops: { nodes: { customer: string }[] } };
    };
    for (const { customer } of data.favoriteShops.nodes) customers.push({ customer, date });
  }
  return new AskedHistory(days, customers);
}
