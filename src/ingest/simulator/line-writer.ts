import { type Calendar, formatDay } from '../../calendar.ts';
import type { TimeRange } from '../../terms.ts';
import type { Arrivals } from './arrivals.ts';
import {
  ADDRESS_GARBLED,
  ADDRESS_OF_GROUP,
  ADDRESS_ZERO,
  CLOCK_AHEAD,
  CLOCK_NOT_SET,
  COMMA_LOST,
  CUT_SHORT,
  type Damage,
  TIME_IN_MILLISECONDS,
  TIME_MISSING,
  WHOLE,
} from './damage.ts';
import { createLineTemplate, ID_DIGITS, type LineTemplate, TIME_DIGITS } from './line-template.ts';
import type { MallPlan } from './mall-plan.ts';

const ZERO = 0x30;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const LETTER_X = 0x78;
const HEX = Buffer.from('0123456789abcdef');
const DAMAGE_BYTES_MAX = 3;
const MAC_LOW = 0x1000000;
const ID_LOW = 10_000_000;
const ID_LOW_DIGITS = 7;
const SECONDS_PER_135_YEARS = 2 ** 32 - 1;

/**
 * Writes wire lines into one buffer that is used again and again. Each line is a copy of its access point's
 * template, whose gaps of fixed width are filled: 0.15 µs a line.
 */
export class LineWriter {
  length = 0;
  #bytes: Buffer;
  readonly #templates: readonly LineTemplate[];
  readonly #lineBytesMax: number;
  readonly #calendar: Calendar;
  #ptDay: TimeRange = { fromS: 0, untilS: 0 };
  #pt: Uint8Array = Buffer.alloc(8);

  constructor(plan: MallPlan, calendar: Calendar, capacity: number) {
    this.#templates = plan.accessPoints.map((accessPoint) => {
      return createLineTemplate(accessPoint, plan.places[accessPoint.place]!.code);
    });
    this.#lineBytesMax = Math.max(...this.#templates.map(({ bytes }) => bytes.length)) + DAMAGE_BYTES_MAX;
    this.#calendar = calendar;
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** What was written since `clear`; valid until the next write. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room for so many further lines. */
  reserve(lines: number): void {
    const needed = this.length + lines * this.#lineBytesMax;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(bytes, 0, 0, this.length);
    this.#bytes = bytes;
  }

  /** Writes one row of `arrivals`; there must be room for it. */
  write(arrivals: Arrivals, row: number): void {
    const bytes = this.#bytes;
    const from = this.length;
    const template = this.#templates[arrivals.accessPoint[row]!]!;
    const occurredAtS = arrivals.occurredAtS[row]!;
    bytes.set(template.bytes, from);
    const id = arrivals.id[row]!;
    const idHigh = Math.floor(id / ID_LOW);
    writeDigits(bytes, from + template.idAt, ID_DIGITS - ID_LOW_DIGITS, idHigh);
    writeDigits(bytes, from + template.idAt + ID_DIGITS - ID_LOW_DIGITS, ID_LOW_DIGITS, id - idHigh * ID_LOW);
    writeDigits(bytes, from + template.occurTimeAt, TIME_DIGITS, occurredAtS);
    writeMac(bytes, from + template.deviceAt, arrivals.mac[row]!);
    writeDigits(bytes, from + template.rssiAt + 1, 2, -arrivals.signalDbm[row]!);
    this.#writePt(from + template.ptAt, occurredAtS);
    this.length = from + template.bytes.length;
    const damage = arrivals.damage[row]!;
    if (damage !== WHOLE) this.#damage(damage, from, template, occurredAtS);
  }

  #writePt(at: number, occurredAtS: number): void {
    if (occurredAtS < this.#ptDay.fromS || occurredAtS >= this.#ptDay.untilS) {
      const day = this.#calendar.dayOf(occurredAtS);
      this.#ptDay = this.#calendar.range(day);
      this.#pt = Buffer.from(formatDay(day).replaceAll('-', ''));
    }
    const bytes = this.#bytes;
    const pt = this.#pt;
    for (let index = 0; index < 8; index++) bytes[at + index] = pt[index]!;
  }

  /** Damages the line just written, which begins at `from`. */
  #damage(damage: Damage, from: number, template: LineTemplate, occurredAtS: number): void {
    const bytes = this.#bytes;
    const timeAt = from + template.occurTimeAt;
    const deviceAt = from + template.deviceAt;
    switch (damage) {
      case CUT_SHORT:
        bytes[deviceAt + 5] = NEWLINE;
        this.length = deviceAt + 6;
        break;
      case COMMA_LOST:
        bytes[from + template.idAt + ID_DIGITS + 1] = SPACE;
        break;
      case ADDRESS_GARBLED:
        bytes[deviceAt + 16] = LETTER_X;
        break;
      case ADDRESS_ZERO:
        writeMac(bytes, deviceAt, 0);
        break;
      case ADDRESS_OF_GROUP:
        writeMac(bytes, deviceAt, 0x01005e000000 + (occurredAtS & 0x7fffff));
        break;
      case TIME_MISSING:
        bytes.fill(SPACE, timeAt, timeAt + TIME_DIGITS);
        break;
      case TIME_IN_MILLISECONDS:
        bytes.copyWithin(timeAt + TIME_DIGITS + 3, timeAt + TIME_DIGITS, this.length);
        bytes.fill(ZERO, timeAt + TIME_DIGITS, timeAt + TIME_DIGITS + 3);
        this.length += 3;
        break;
      case CLOCK_NOT_SET:
        writeDigits(bytes, timeAt, TIME_DIGITS, occurredAtS % 600_000);
        break;
      case CLOCK_AHEAD:
        writeDigits(bytes, timeAt, TIME_DIGITS, occurredAtS + SECONDS_PER_135_YEARS);
        break;
    }
  }
}

function writeDigits(bytes: Uint8Array, at: number, digits: number, value: number): void {
  let rest = value;
  for (let index = at + digits - 1; index >= at; index--) {
    const tenth = Math.floor(rest / 10);
    bytes[index] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}

function writeMac(bytes: Uint8Array, at: number, mac: number): void {
  const high = Math.floor(mac / MAC_LOW);
  writeOctets(bytes, at, high);
  writeOctets(bytes, at + 9, mac - high * MAC_LOW);
}

/** Three octets; the colons are in the template. */
function writeOctets(bytes: Uint8Array, at: number, octets: number): void {
  bytes[at] = HEX[octets >>> 20]!;
  bytes[at + 1] = HEX[(octets >>> 16) & 15]!;
  bytes[at + 3] = HEX[(octets >>> 12) & 15]!;
  bytes[at + 4] = HEX[(octets >>> 8) & 15]!;
  bytes[at + 6] = HEX[(octets >>> 4) & 15]!;
  bytes[at + 7] = HEX[octets & 15]!;
}
