import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AddressTable } from '../../src/decode/address-table.ts';
import { formatCustomer, isRandomized, parseCustomer } from '../../src/decode/customer-id.ts';
import { fingerprint, Pseudonyms } from '../../src/decode/pseudonyms.ts';
import { SECRET } from './decoding.ts';

const VECTORS: [mac: number, device: number, text: string, randomized: boolean][] = [
  [0xa4c3610b2201, 37221198280842, '11V8Y4TE4A', false],
  [0x021b140f01b7, 53526798608587, '1GNTPX2A6B', true],
];

const macs = fc.maxSafeNat().map((n) => n % 2 ** 48);
const devices = fc.maxSafeNat().map((n) => n % 2 ** 46);

describe('pseudonyms', () => {
  test.each(VECTORS)('of address %d is %d', (mac, device, _text, _randomized) => {
    expect(new Pseudonyms(SECRET).of(mac)).toBe(device);
  });

  test('are the first 45 bits of an HMAC-SHA-256, and the bit of a randomised address', () => {
    fc.assert(
      fc.property(macs, fc.uint8Array({ minLength: 32, maxLength: 32 }), (mac, secret) => {
        const address = Buffer.alloc(6);
        address.writeUIntBE(mac, 0, 6);
        const digest = createHmac('sha256', secret).update(address).digest();
        const first45 = digest.readBigUInt64BE() >> 19n;
        const randomized = (address[0]! & 2) >> 1;
        expect(new Pseudonyms(secret).of(mac)).toBe(Number(first45) * 2 + randomized);
      }),
    );
  });

  test('are hashed once and remembered', () => {
    const pseudonyms = new Pseudonyms(SECRET);
    const bytes = pseudonyms.bytes;
    const once = Array.from({ length: 5_000 }, (_, i) => pseudonyms.of(0xa4c361000000 + i));
    expect(pseudonyms.size).toBe(5_000);
    expect(pseudonyms.bytes).toBeGreaterThan(bytes);
    expect(once.map((_, i) => pseudonyms.of(0xa4c361000000 + i))).toEqual(once);
    expect(pseudonyms.size).toBe(5_000);
    expect(new Set(once).size).toBe(5_000);
  });

  test('differ under another secret', () => {
    const other = SECRET.map((byte) => byte ^ 1);
    expect(new Pseudonyms(other).of(0xa4c3610b2201)).not.toBe(37221198280842);
  });
});

describe('the table of addresses', () => {
  test('finds what was set, however many addresses look alike, and nothing else', () => {
    const table = new AddressTable(2 ** 20);
    for (let i = 0; i < 20_000; i++) table.set(i % 7, i, i * 3);
    for (let i = 0; i < 20_000; i++) expect(table.at(table.find(i % 7, i))).toBe(i * 3);
    expect(table.find(8, 1)).toBe(-1);
    expect(table.find(0, 20_001)).toBe(-1);
    expect(table.size).toBe(20_000);
  });

  test('is emptied at its limit, and goes on', () => {
    const table = new AddressTable(100);
    for (let i = 0; i < 250; i++) table.set(1, i, i);
    expect(table.size).toBe(50);
    expect(table.find(1, 199)).toBe(-1);
    expect(table.at(table.find(1, 249))).toBe(249);
    expect(table.bytes).toBe(new AddressTable(100).bytes);
  });
});

describe('the fingerprint of a secret', () => {
  test('tells secrets apart, and is neither the secret nor a pseudonym', () => {
    const text = fingerprint(SECRET);
    expect(text).toBe(fingerprint(Uint8Array.from(SECRET)));
    expect(text).not.toBe(fingerprint(SECRET.map((byte) => byte ^ 1)));
    expect(text).not.toContain(Buffer.from(SECRET).toString('hex').slice(0, 8));
    expect(text).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the text of a customer', () => {
  test.each(VECTORS)('of address %d: %d is %s', (_mac, device, text, randomized) => {
    expect(formatCustomer(device)).toBe(text);
    expect(parseCustomer(text)).toBe(device);
    expect(isRandomized(device)).toBe(randomized);
  });

  test('is read back as the same device, in either case', () => {
    fc.assert(
      fc.property(devices, (device) => {
        const text = formatCustomer(device);
        expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
        expect(parseCustomer(text)).toBe(device);
        expect(parseCustomer(text.toLowerCase())).toBe(device);
      }),
    );
  });

  test.each([
    ['0000000000', 0],
    ['1ZZZZZZZZZ', 2 ** 46 - 1],
    ['iLOo000000', parseCustomer('1100000000')],
    ['llllllllll', parseCustomer('1111111111')],
  ])('%s names device %s', (text, device) => {
    expect(device).toBeDefined();
    expect(parseCustomer(text)).toBe(device);
  });

  test.each([
    '',
    '11V8Y4TE4',
    '11V8Y4TE4A0',
    '2000000000',
    'ZZZZZZZZZZ',
    '11V8Y4TE4U',
    '11V8 4TE4A',
    'ı1V8Y4TE4A',
  ])('%j names none', (text) => {
    expect(parseCustomer(text)).toBeUndefined();
  });
});
