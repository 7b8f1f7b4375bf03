import type { DeviceTable } from './device-table.ts';

/**
 * The rows of a device table, ascending by device. Devices that were added since are sorted by themselves and
 * merged in, so that a page of a day that is still growing does not sort the whole day again.
 */
export class DeviceOrder {
  #devices = new Float64Array(0);
  #rows = new Int32Array(0);

  get bytes(): number {
    return this.#devices.byteLength + this.#rows.byteLength;
  }

  get length(): number {
    return this.#rows.length;
  }

  rowAt(place: number): number {
    return this.#rows[place]!;
  }

  /** The place of the first device above one. */
  firstAbove(device: number): number {
    let low = 0;
    let high = this.#devices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#devices[middle]! > device) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Takes in the devices that the table has and the order has not. */
  update(table: DeviceTable): void {
    const known = this.length;
    const added = new Float64Array(table.size - known);
    if (added.length === 0) return;
    for (let i = 0; i < added.length; i++) added[i] = table.deviceOf(known + i);
    added.sort();
    const devices = new Float64Array(table.size);
    const rows = new Int32Array(table.size);
    for (let place = 0, i = 0, j = 0; place < rows.length; place++) {
      if (j === added.length || (i < known && this.#devices[i]! < added[j]!)) {
        devices[place] = this.#devices[i]!;
        rows[place] = this.#rows[i++]!;
      } else {
        devices[place] = added[j]!;
        rows[place] = table.find(added[j++]!);
      }
    }
    this.#devices = devices;
    this.#rows = rows;
  }

  clear(): void {
    this.#devices = new Float64Array(0);
    this.#rows = new Int32Array(0);
  }
}
