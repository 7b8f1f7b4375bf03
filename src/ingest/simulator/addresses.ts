import { mixPair } from './chance.ts';

const LOW = 0x1000000;
const PHONE_MAKERS = [
  0xa4c361, 0x44c346, 0x3c0630, 0x88e9fe, 0xf0b479, 0x8c7ab3, 0x5c5188, 0xd4619d,
] as const;
const EQUIPMENT_MAKERS = [0x240ac4, 0x00074d, 0x64eb8c, 0x00265a] as const;

/** How many phones have a maker's address. */
export const PHONES_MAX = PHONE_MAKERS.length * LOW;

/** Regular customers come first, then the staff, then phones that are seen on one day. */
export const FIRST_STAFF_PHONE = 1 << 23;
export const FIRST_PASSING_PHONE = FIRST_STAFF_PHONE + (1 << 20);

/** The address that its maker gave to the `index`-th phone; no two phones share one. */
export function phoneMac(seed: number, index: number): number {
  const maker = PHONE_MAKERS[index % PHONE_MAKERS.length]!;
  return maker * LOW + scatter(seed, Math.floor(index / PHONE_MAKERS.length) % LOW);
}

/** The address of a printer, a till, a screen. */
export function equipmentMac(seed: number, index: number): number {
  const maker = EQUIPMENT_MAKERS[index % EQUIPMENT_MAKERS.length]!;
  return maker * LOW + scatter(seed, index);
}

/** An address that a phone made up: the bit for "randomised" set, the group bit not. */
export function randomizedMac(visitKey: number, visit: number, period: number): number {
  const upper = (mixPair(visitKey, period) & 0xfcffff) | 0x020000;
  return upper * LOW + (mixPair(visit ^ 0x5bd1e995, visitKey + period) & 0xffffff);
}

/** One to one on 24 bits, so that addresses of one maker never meet. */
function scatter(seed: number, index: number): number {
  const bits = Math.imul(index ^ (seed & 0xffffff), 0x9e3779b1) & 0xffffff;
  return Math.imul(bits ^ (bits >>> 11), 0x85ebcb) & 0xffffff;
}
