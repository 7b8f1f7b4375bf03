import type { Frame } from '../live/live.ts';
import type { Position } from '../terms.ts';
import { PRESENT_S } from '../windows.ts';
import type { Ask, PositionsUpdate, ServedMall } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { lastPositions } from './lately.ts';
import { newest } from './newest.ts';
import { Places } from './places.ts';
import { heardShop } from './shop-names.ts';

/**
 * Who is where, as it changes: all in view at the start and after frames that the reader missed, else those that
 * moved and those no longer in view. With `shop`, in view are the devices whose last position is there.
 */
export function positionUpdates(
  ask: Ask,
  args: { readonly mall: string; readonly shop?: string },
): AsyncIterableIterator<PositionsUpdate> {
  const view = new View(ask, servedMall(ask, args.mall), args.shop);
  return newest(ask.live.mall(args.mall), ({ frame, missed }) =>
    frame === undefined || missed ? view.all() : view.changes(frame),
  );
}

class View {
  readonly #ask: Ask;
  readonly #mall: string;
  readonly #shop: string | undefined;
  /** The devices in the shop; of the whole mall every frame tells who left. */
  readonly #inShop = new Set<number>();

  constructor(ask: Ask, { mall }: ServedMall, shop: string | undefined) {
    this.#ask = ask;
    this.#mall = mall.code;
    this.#shop = shop;
  }

  async all(): Promise<PositionsUpdate> {
    const served = servedMall(this.#ask, this.#mall);
    const atS = this.#ask.clock.nowS();
    const all = await lastPositions(this.#ask, served, atS - PRESENT_S);
    const positions = this.#shop === undefined ? all : all.filter(isIn(served, this.#shop));
    this.#inShop.clear();
    if (this.#shop !== undefined) for (const { device } of positions) this.#inShop.add(device);
    return { atS, full: true, positions: new Places(served).positions(positions), left: [] };
  }

  changes(frame: Frame): PositionsUpdate | undefined {
    const served = servedMall(this.#ask, this.#mall);
    const moved = frame.moved.filter(({ atS }) => atS > frame.atS - PRESENT_S);
    const { positions, left } =
      this.#shop === undefined
        ? { positions: moved, left: frame.left }
        : this.#follow(isIn(served, this.#shop), moved, frame.left);
    if (positions.length + left.length === 0) return undefined;
    return { atS: frame.atS, full: false, positions: new Places(served).positions(positions), left };
  }

  #follow(
    isInShop: (position: Position) => boolean,
    moved: readonly Position[],
    gone: readonly number[],
  ): { positions: Position[]; left: number[] } {
    const left = gone.filter((device) => this.#inShop.delete(device));
    const positions: Position[] = [];
    for (const position of moved) {
      if (isInShop(position)) {
        this.#inShop.add(position.device);
        positions.push(position);
      } else if (this.#inShop.delete(position.device)) {
        left.push(position.device);
      }
    }
    return { positions, left };
  }
}

function isIn({ codebook }: ServedMall, code: string): (position: Position) => boolean {
  const number = heardShop(codebook, code);
  return ({ shop }) => shop === number;
}
