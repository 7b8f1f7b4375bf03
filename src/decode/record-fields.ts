/** The fields of a record that mean something to us; every other one is passed over. */
export const FIELD_NAMES = ['user_device_mac', 'occur_time', 'rssi', 'shop_code', 'ap_mac'] as const;

export const DEVICE = 0;
export const TIME = 1;
export const SIGNAL = 2;
export const SHOP = 3;
export const ACCESS_POINT = 4;

/** The values of a record of 4 KiB fit, even where every byte of it is damaged and becomes a three-byte `\uFFFD`. */
const OWN_BYTES = 12_288;
const encoder = new TextEncoder();

/**
 * The values of one record, whatever the format, as ranges of bytes: either of the body they came in, or of an own
 * copy where an escape had to be resolved. Reused from record to record.
 */
export class RecordFields {
  /** Where the ranges lie. */
  bytes: Uint8Array = new Uint8Array(0);
  /** A range is empty where the record has no such field, or its value is no text and no number. */
  readonly from = new Int32Array(FIELD_NAMES.length);
  readonly until = new Int32Array(FIELD_NAMES.length);
  readonly #own = new Uint8Array(OWN_BYTES);
  #ownLength = 0;

  /** Forgets the record before; `set` will name ranges of `bytes`. */
  startIn(bytes: Uint8Array): void {
    const { from, until } = this;
    this.bytes = bytes;
    for (let field = 0; field < FIELD_NAMES.length; field++) {
      from[field] = 0;
      until[field] = 0;
    }
  }

  /** Forgets the record before; `setText` will bring the values. */
  startOwn(): void {
    this.startIn(this.#own);
    this.#ownLength = 0;
  }

  set(field: number, from: number, until: number): void {
    this.from[field] = from;
    this.until[field] = until;
  }

  /** Keeps the text of a value. */
  setText(field: number, text: string): void {
    const from = this.#ownLength;
    this.#ownLength += encoder.encodeInto(text, this.#own.subarray(from)).written;
    this.set(field, from, this.#ownLength);
  }

  /** Makes one quote of two in the values of some fields: bit `field` of `doubled` is set. */
  halveQuotes(doubled: number): void {
    const texts = FIELD_NAMES.map((_name, field) => this.text(field));
    this.startOwn();
    for (const [field, text] of texts.entries()) {
      this.setText(field, doubled & (1 << field) ? text.replaceAll('""', '"') : text);
    }
  }

  /** Drops ASCII white space around every value. */
  trim(): void {
    const { bytes, from, until } = this;
    for (let field = 0; field < FIELD_NAMES.length; field++) {
      const first = from[field]!;
      const end = until[field]!;
      if (first < end && (isBlank(bytes[first]!) || isBlank(bytes[end - 1]!))) this.#trimValue(field);
    }
  }

  #trimValue(field: number): void {
    const { bytes, from, until } = this;
    let first = from[field]!;
    let end = until[field]!;
    while (first < end && isBlank(bytes[first]!)) first++;
    while (end > first && isBlank(bytes[end - 1]!)) end--;
    this.set(field, first, end);
  }

  /** Empty where the field is missing. */
  text(field: number): string {
    return Buffer.from(this.bytes.subarray(this.from[field], this.until[field])).toString();
  }
}

/** ASCII white space: space, and tab to carriage return. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
