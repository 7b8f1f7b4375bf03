import type { Position } from '../terms.ts';
import type { DensityCell, ServedMall } from './answers.ts';

/** A cell of the grid, the same object whenever it is met. */
export type GridCell = Omit<DensityCell, 'devices'>;

/** The grid over a mall's plan, by its access points and its edge as the directory has them now. */
export class DensityGrid {
  readonly #served: ServedMall;
  readonly #cells = new Map<string, GridCell>();
  /** Cell by the codebook's number of an access point; null = it has no coordinates. */
  readonly #cellOf: (GridCell | null)[] = [];

  constructor(served: ServedMall) {
    this.#served = served;
  }

  /** Devices by cell; those at an access point without coordinates are not counted. */
  tally(positions: readonly Position[]): Map<GridCell, number> {
    const devices = new Map<GridCell, number>();
    for (const { accessPoint } of positions) {
      const cell = this.#cell(accessPoint);
      if (cell !== null) devices.set(cell, (devices.get(cell) ?? 0) + 1);
    }
    return devices;
  }

  #cell(accessPoint: number): GridCell | null {
    let cell = this.#cellOf[accessPoint];
    if (cell === undefined) {
      cell = this.#locate(accessPoint);
      this.#cellOf[accessPoint] = cell;
    }
    return cell;
  }

  #locate(accessPoint: number): GridCell | null {
    const { mall, codebook } = this.#served;
    const known = mall.accessPoints.get(codebook.accessPointMac(accessPoint));
    if (known === undefined) return null;
    const size = mall.settings.densityCell;
    const x = Math.floor(known.x / size) * size;
    const y = Math.floor(known.y / size) * size;
    const key = JSON.stringify([known.floor, x, y]);
    const cell = this.#cells.get(key) ?? { floor: known.floor, x, y, size };
    this.#cells.set(key, cell);
    return cell;
  }
}

/** Cells with their devices, in the order in which every answer lists them. */
export function cellsInOrder(devices: ReadonlyMap<GridCell, number>): DensityCell[] {
  return Array.from(devices, ([cell, count]) => ({ devices: count, ...cell })).sort(compareCells);
}

/** By storey (none first), then y, then x. */
export function compareCells(a: CellPlace, b: CellPlace): number {
  if (a.floor !== b.floor) {
    if (a.floor === null) return -1;
    if (b.floor === null) return 1;
    return a.floor < b.floor ? -1 : 1;
  }
  return a.y - b.y || a.x - b.x;
}

export type CellPlace = Pick<DensityCell, 'floor' | 'x' | 'y'>;
