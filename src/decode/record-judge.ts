import type { Calendar } from '../calendar.ts';
import { type Codebook, OVERFLOW_SHOP } from '../codebook.ts';
import type { DropReason } from '../outcome.ts';
import type { EpochDay, Mall } from '../terms.ts';
import { AddressTable } from './address-table.ts';
import type { Decoded } from './decoded.ts';
import { badDevice, badTime, fromFuture, tooOld } from './drop-details.ts';
import { Address, parseAddress, parseSignal, parseTime } from './field-values.ts';
import type { NameGate } from './name-gate.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { ACCESS_POINT, DEVICE, RecordFields, SHOP, SIGNAL, TIME } from './record-fields.ts';
import { ShopCodeTable } from './shop-code-table.ts';

const SHOP_CODE_BYTES_MAX = 64;
const ACCESS_POINTS_MAX = 2 ** 16;
const GROUP_BIT = 0x01;
const HALF = 2 ** 24;
const NO_SHOP = 0;
const NO_ACCESS_POINT = 0;
/** Slots are nanoseconds within a second. */
const SLOTS = 1_000_000_000;
const TOO_MANY = 'stands behind the last record that a message may hold; cut messages at 1,024 records';

export interface JudgeOptions {
  /** The mall as its directory describes it now. */
  readonly mall: () => Mall;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly pseudonyms: Pseudonyms;
  readonly names: NameGate;
  /** Whole local days that raw records are kept; null = for good. */
  readonly keepRawDays: number | null;
}

/** Of a body that comes as a message of a stream. */
export interface BodyLimits {
  /** Slot of its first record, dropped ones counted too; the next ones follow. */
  readonly firstSlot?: number;
  /** What it holds beyond is malformed. */
  readonly recordsMax?: number;
}

/**
 * The values of one record in, kept or dropped out: the one place that knows the rules, whatever the format. A reader
 * fills `fields`, then has them judged.
 */
export class RecordJudge {
  readonly fields = new RecordFields();
  readonly #calendar: Calendar;
  readonly #codebook: Codebook;
  readonly #pseudonyms: Pseudonyms;
  readonly #names: NameGate;
  readonly #mall: () => Mall;
  readonly #keepRawDays: number | null;
  readonly #shopCodes = new ShopCodeTable();
  readonly #accessPoints = new AddressTable(ACCESS_POINTS_MAX);
  readonly #device = new Address();
  readonly #accessPoint = new Address();
  #into!: Decoded;
  #receivedAtS = 0;
  #sinceS = 0;
  #earliestS = 0;
  #latestS = 0;
  /** Slot of the record that follows, less the records seen before it. */
  #slotBase = 0;
  /** Records seen after which `into` takes no more of this body. */
  #linesMax = Number.POSITIVE_INFINITY;

  constructor(options: JudgeOptions) {
    this.#mall = options.mall;
    this.#calendar = options.calendar;
    this.#codebook = options.codebook;
    this.#pseudonyms = options.pseudonyms;
    this.#names = options.names;
    this.#keepRawDays = options.keepRawDays;
  }

  /** What follows was received then, and goes there. The mall's settings are read now, once. */
  begin(receivedAtS: number, into: Decoded, limits: BodyLimits = {}): void {
    const { since, futureSkewSeconds } = this.#mall().settings;
    const calendar = this.#calendar;
    this.#into = into;
    this.#slotBase = (limits.firstSlot ?? 0) - into.lines;
    this.#linesMax = into.lines + (limits.recordsMax ?? Number.POSITIVE_INFINITY);
    this.#receivedAtS = receivedAtS;
    this.#sinceS = calendar.range(since).fromS;
    this.#earliestS = this.#sinceS;
    if (this.#keepRawDays !== null) {
      const oldestKept = calendar.dayOf(receivedAtS) - this.#keepRawDays + 1;
      this.#earliestS = Math.max(this.#sinceS, calendar.range(oldestKept).fromS);
    }
    this.#latestS = receivedAtS + futureSkewSeconds;
  }

  /** Decides about the record in `fields`, which stands in `body` between `from` and `until`. */
  judge(body: Uint8Array, from: number, until: number): void {
    const { fields } = this;
    if (this.#into.lines >= this.#linesMax) {
      this.#drop('malformed', TOO_MANY, body, from, until);
      return;
    }
    fields.trim();
    const { bytes } = fields;
    const device = this.#device;
    const isAddress = parseAddress(bytes, fields.from[DEVICE]!, fields.until[DEVICE]!, device);
    const occurredAtS = parseTime(bytes, fields.from[TIME]!, fields.until[TIME]!);
    if (!isAddress || isNobody(device))
      this.#drop('bad_device', () => badDevice(fields.text(DEVICE)), body, from, until);
    else if (occurredAtS < 0) this.#drop('bad_time', () => badTime(fields.text(TIME)), body, from, until);
    else if (occurredAtS < this.#earliestS)
      this.#drop('too_old', () => this.#tooOld(occurredAtS), body, from, until);
    else if (occurredAtS > this.#latestS)
      this.#drop('from_future', () => this.#fromFuture(occurredAtS), body, from, until);
    else {
      this.#keep(occurredAtS);
      this.#into.onKept?.(body, from, until);
    }
  }

  /** Drops what is no record. */
  dropMalformed(detail: string | (() => string), body: Uint8Array, from: number, until: number): void {
    this.#drop('malformed', detail, body, from, until);
  }

  #keep(occurredAtS: number): void {
    const { bytes, from, until } = this.fields;
    const day = this.#calendar.dayOf(occurredAtS);
    const pseudonyms = this.#pseudonyms;
    const into = this.#into;
    const shop = this.#shop(day, bytes, from[SHOP]!, until[SHOP]!);
    const accessPoint = this.#accessPointNumber(day, bytes, from[ACCESS_POINT]!, until[ACCESS_POINT]!);
    const signalDbm = parseSignal(bytes, from[SIGNAL]!, until[SIGNAL]!);
    const device = pseudonyms.find(this.#device.high, this.#device.low);
    const slot = (this.#slotBase + into.lines) % SLOTS;
    into.lines++;
    into.sightings.push(day, pseudonyms.at(device), occurredAtS, shop, accessPoint, signalDbm, slot);
  }

  #shop(day: EpochDay, bytes: Uint8Array, from: number, until: number): number {
    if (from === until || until - from > SHOP_CODE_BYTES_MAX) return NO_SHOP;
    const number = this.#shopCodes.find(bytes, from, until);
    return number >= 0 ? this.#names.shopNumber(day, number) : this.#newShop(day, bytes, from, until);
  }

  /** A code that was not met before, or was not admitted. */
  #newShop(day: EpochDay, bytes: Uint8Array, from: number, until: number): number {
    const code = Buffer.from(bytes.subarray(from, until)).toString();
    if (Buffer.byteLength(code) > SHOP_CODE_BYTES_MAX || /\p{Cc}/u.test(code)) return NO_SHOP;
    // A name of ours, no shop's: who sends it must not look like a flood of unknown codes. It counts for no shop.
    if (code === OVERFLOW_SHOP) return NO_SHOP;
    const counted = this.#names.shop(day, code);
    const number = this.#codebook.findShop(code);
    // Damaged UTF-8 of many spellings becomes one code: it is not remembered, so that the table stays bounded.
    if (number !== undefined && !code.includes('\ufffd')) this.#shopCodes.add(bytes, from, until, number);
    return counted;
  }

  #accessPointNumber(day: EpochDay, bytes: Uint8Array, from: number, until: number): number {
    const address = this.#accessPoint;
    if (!parseAddress(bytes, from, until, address)) return NO_ACCESS_POINT;
    const slot = this.#accessPoints.find(address.high, address.low);
    return slot >= 0
      ? this.#names.accessPointNumber(day, this.#accessPoints.at(slot))
      : this.#newAccessPoint(day, address);
  }

  /** An access point that was not met before, or was not admitted. */
  #newAccessPoint(day: EpochDay, { high, low }: Address): number {
    const mac = high * HALF + low;
    const counted = this.#names.accessPoint(day, mac);
    const number = this.#codebook.findAccessPoint(mac);
    if (number !== undefined) this.#accessPoints.set(high, low, number);
    return counted;
  }

  #tooOld(occurredAtS: number): string {
    return tooOld(occurredAtS, occurredAtS < this.#sinceS ? null : this.#keepRawDays);
  }

  #fromFuture(occurredAtS: number): string {
    const receivedAtS = this.#receivedAtS;
    return fromFuture(occurredAtS, occurredAtS - receivedAtS, this.#latestS - receivedAtS);
  }

  #drop(
    reason: DropReason,
    detail: string | (() => string),
    body: Uint8Array,
    from: number,
    until: number,
  ): void {
    this.#into.drop(reason, detail, this.#receivedAtS, body, from, until);
  }
}

/** All zero, or a group address: nobody's own. */
function isNobody(device: Address): boolean {
  return ((device.high >>> 16) & GROUP_BIT) !== 0 || (device.high | device.low) === 0;
}
