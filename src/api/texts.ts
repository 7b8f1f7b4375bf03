import { formatDay } from '../calendar.ts';
import { formatMac } from '../mac.ts';
import type { EpochDay } from '../terms.ts';

/**
 * Days, instants and access points as answers spell them. An answer of thousands of rows repeats a few of them, and spelling one
 * costs as much as the rest of a row: keeping them halved what a row costs.
 */
const TEXTS_MAX = 8_192;
const dates = new Map<EpochDay, string>();
const instants = new Map<number, string>();
const accessPoints = new Map<number, string>();

/** `2024-06-14` */
export function dateText(day: EpochDay): string {
  return kept(dates, day, formatDay);
}

/** `2024-06-14T09:30:00.000Z`, of an instant in epoch seconds. */
export function instantText(atS: number): string {
  return kept(instants, atS, spellInstant);
}

export function instantTextOrNull(atS: number | null): string | null {
  return atS === null ? null : instantText(atS);
}

/** `3c:8c:f8:00:00:1d`, of a 48-bit address. */
export function accessPointText(mac: number): string {
  return kept(accessPoints, mac, formatMac);
}

function spellInstant(atS: number): string {
  return new Date(atS * 1000).toISOString();
}

function kept(texts: Map<number, string>, key: number, spell: (key: number) => string): string {
  let text = texts.get(key);
  if (text === undefined) {
    if (texts.size === TEXTS_MAX) texts.clear();
    text = spell(key);
    texts.set(key, text);
  }
  return text;
}
