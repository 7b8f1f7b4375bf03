import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Served } from '../../src/commands/serve.ts';
import { type Probe, wire } from '../system/probe.ts';
import { ask, createHome, filesOf, type Home, post, startSystem } from '../system/system.ts';
import { type Watched, watch } from '../system/watch.ts';

/** The three shops of the mall, and the access point in each. */
export const BOOKS = { shop: 'B1', accessPoint: '3c:8c:f8:00:00:01' };
export const SHOES = { shop: 'S1', accessPoint: '3c:8c:f8:00:00:02' };
export const TEA = { shop: 'T1', accessPoint: '3c:8c:f8:00:00:03' };

const FILES = {
  'mall.json': '{ "name": "Small mall", "timeZone": "Asia/Tokyo" }',
  'area_shop.csv': 'id,shop_code,shop_name\n1,B1,Books\n2,S1,Shoes\n3,T1,Tea\n',
  'place_info.csv': [
    'user_device_mac,used_x,used_y,min_rssi',
    '3c:8c:f8:00:00:01,100,200,-75',
    '3c:8c:f8:00:00:02,600,200,-75',
    '3c:8c:f8:00:00:03,1100,700,-75\n',
  ].join('\n'),
};

/** The instant of a time on 10 May 2024 (or another day) in Tokyo, as epoch seconds. */
export function at(time: string, date = '2024-05-10'): number {
  return Date.parse(`${date}T${time}+09:00`) / 1000;
}

/**
 * The mall of this story: three shops in Tokyo, served by the whole product in this process. Nothing in it is
 * pretended but the clock, which stands until the story moves it.
 */
export class SmallMall {
  readonly home: Home;
  #served: Served | undefined;
  #nowS: number;

  private constructor(nowS: number, customers: string) {
    this.#nowS = nowS;
    this.home = createHome([]);
    const folder = join(this.home.env.FOOTFALL_MALLS!, 'small');
    mkdirSync(folder);
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
    if (customers !== '') writeFileSync(join(folder, 'shop_user_record.csv'), customers);
  }

  /** Opens at noon; `customers` is the mall's own list of those it knows already. */
  static async open(customers = ''): Promise<SmallMall> {
    const mall = new SmallMall(at('12:00:00'), customers);
    await mall.start();
    return mall;
  }

  async start(): Promise<void> {
    this.#served = await startSystem(this.home, { clock: { nowS: () => this.#nowS } });
  }

  /** As Ctrl-C does: what was taken is kept. */
  async stop(): Promise<void> {
    await this.#served!.close();
  }

  async close(): Promise<void> {
    await this.stop();
    this.home.remove();
  }

  /** The clock shows this now, and what is due then has happened. */
  async clockShows(time: string, date?: string): Promise<void> {
    this.#nowS = at(time, date);
    const { malls } = this.#served!.embedded;
    // What is under way began by the clock as it was.
    await malls.settled();
    malls.tick();
    await malls.settled();
  }

  /** Access points send these records; the answer says what became of them. */
  async hear(...probes: Probe[]): Promise<{ kept: number; dropped: Record<string, number> }> {
    return this.send(probes.map(wire).join('\n'));
  }

  async send(body: string): Promise<{ kept: number; dropped: Record<string, number> }> {
    return (await post(this.#served!.url, 'small', body)).answer;
  }

  ask<T = Record<string, unknown>>(query: string): Promise<T> {
    return ask<T>(this.#served!.url, query);
  }

  watch<T>(selection: string): Watched<T> {
    return watch<T>(this.#served!.url, selection);
  }

  async importFile(content: string) {
    return this.#served!.embedded.malls.importFiles('small', filesOf(Buffer.from(content)), () => undefined);
  }

  deadLetters() {
    return this.#served!.embedded.malls.deadLetters('small', { limit: 100 });
  }
}
