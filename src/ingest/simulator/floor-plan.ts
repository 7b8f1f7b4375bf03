import type { Chance } from './chance.ts';

/** Plan units are centimetres. Shops stand on both sides of one aisle, storey by storey. */
export const SHOP_WIDTH = 1_400;
const SHOP_DEPTH = 1_600;
const AISLE_WIDTH = 1_000;

export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly floor: string;
}

/** Where the access points of the `index`-th shop hang: spread over its floor, never on a wall. */
export function furnish(
  index: number,
  mall: { readonly shops: number; readonly floors: number; readonly count: number },
  chance: Chance,
): Spot[] {
  const perFloor = Math.ceil(mall.shops / mall.floors);
  const storey = Math.floor(index / perFloor);
  const nth = index % perFloor;
  const left = Math.floor(nth / 2) * SHOP_WIDTH;
  const isNorth = nth % 2 === 0;
  const columns = Math.ceil(Math.sqrt(mall.count));
  const rows = Math.ceil(mall.count / columns);
  return Array.from({ length: mall.count }, (_, spot) => {
    const across = ((spot % columns) + 0.3 + 0.4 * chance.unit()) / columns;
    const inwards = (Math.floor(spot / columns) + 0.3 + 0.4 * chance.unit()) / rows;
    const away = AISLE_WIDTH / 2 + SHOP_DEPTH * inwards;
    const x = Math.round(left + SHOP_WIDTH * across);
    return { x, y: Math.round(isNorth ? away : -away), floor: `L${storey + 1}` };
  });
}
