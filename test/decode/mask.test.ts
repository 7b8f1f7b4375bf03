import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { masked, maskedBody } from '../../src/decode/mask.ts';

describe('a text that looks like an address is cut to its first three octets', () => {
  test.each([
    ['a4:c3:61:0b:22:01', 'a4:c3:61:xx:xx:xx'],
    ['A4-C3-61-0B-22-01', 'A4-C3-61-xx-xx-xx'],
    ['a4c3.610b.2201', 'a4c3.61xx.xxxx'],
    ['a4c3610b2201', 'a4c361xxxxxx'],
    ['001122334455', '001122xxxxxx'],
    ['a4:c3:61:0b:22', 'a4:c3:61:xx:xx'],
    ['a4:c3:61:0g:22:01', 'a4:c3:61:xx:xx:xx'],
    ['zz:00:00:00:00:0', 'zz:00:00:xx:xx:x'],
    ['a4:c3:61:0b:22:01:7', 'a4:c3:61:xx:xx:xx:x'],
    ['a4:c3::61-0b.22:01', 'a4:c3::61-xx.xx:xx'],
    ['seen a4:c3:61:0b:22:01, then a4:c3:61:0b:22:02', 'seen a4:c3:61:xx:xx:xx, then a4:c3:61:xx:xx:xx'],
    [String.raw`a4:c3:61:00:00:\u0030e`, 'a4:c3:61:xx:xx:xxxxxxx'],
    [String.raw`a4\u003ac3\u003A610b\u002d2201`, String.raw`a4\u003ac3\u003A61xx\u002dxxxx`],
    [String.raw`\u0061\u0034c3610b2201`, String.raw`\u0061\u0034c361xxxxxx`],
    ['{"user_device_mac":"a4c3610b22', '{"user_device_mac":"a4c361xxxx'],
    ['{"ap_mac" : "3c8cf80000"}', '{"ap_mac" : "3c8cf8xxxx"}'],
    ['{"user_device_mac":181163203043841}', '{"user_device_mac":181163xxxxxxxxx}'],
    ['a4 c3 61 0b 22 01', 'a4 c3 61 xx xx xx'],
    ['a4_c3_61_0b_22_01', 'a4_c3_61_xx_xx_xx'],
    ['a4/c3/61/0b/22/01', 'a4/c3/61/xx/xx/xx'],
    [String.raw`a4\/c3\/61\/0b\/22\/01`, String.raw`a4\/c3\/61\/xx\/xx\/xx`],
    ['a4%3Ac3%3A61%3A0b%3a22%2D01', 'a4%3Ac3%3A61%3Axx%3axx%2Dxx'],
    ['a4 : c3 : 61 : 0b : 22 : 01', 'a4 : c3 : 61 : xx : xx : xx'],
    ['a4::c3::61::0b::22::01', 'a4::c3::61::xx::xx::xx'],
    ['a4%c3%61%0b%22%01', 'a4%c3%61%xx%xx%xx'],
    [String.raw`a4\b2\c3\0b\22\01`, String.raw`a4\b2\c3\xx\xx\xx`],
    ['a4\u0000:\u0000c3 61 0b 22 01', 'a4\u0000:\u0000c3 61 xx xx xx'],
    ['["a4", "c3", "61", "0b", "22", "01"]', '["a4", "c3", "61", "xx", "xx", "xx"]'],
    ['a4 c3 61 b 22 1', 'a4 c3 61 x xx x'],
    ['a4c3 610b 2201', 'a4c3 61xx xxxx'],
    ['a4c3_610b_2201', 'a4c3_61xx_xxxx'],
    ['a4c361/0b2201', 'a4c361/xxxxxx'],
    [
      '{"user_device_mac":"a4 c3 61 0b 22","rssi":"-61"}',
      '{"user_device_mac":"a4 c3 61 xx xx","rssi":"-61"}',
    ],
    ['{"user_device_mac":"a4~c3~61~0g~22~01","pt":"7"}', '{"user_device_mac":"a4~c3~61~xx~xx~xx","pt":"7"}'],
    ['user_device_mac=a4c3610b,rssi=-61', 'user_device_mac=a4c361xx,rssi=-61'],
    ['{"user_device_mac":"a4c3610b22,"rssi":"-61"}', '{"user_device_mac":"a4c361xxxx,"rssi":"-61"}'],
    ['{"user_device_mac:a4:c3:61:0b', '{"user_device_mac:a4:c3:61:xx'],
  ])('%s', (text, expected) => {
    expect(masked(text)).toBe(expected);
  });
});

describe('other texts stay as they are', () => {
  test.each([
    '{"id":"127","shop_code":"S0037","ap_ip":"10.1.0.93","occur_time":"1718294614","rssi":"-62","pt":"20240614"}',
    '1714525200000',
    '1714525200.123',
    '2024-06-14T12:34:56Z',
    '2024-02-08-1',
    'a4:c3:61',
    '2024-06-14 12:34:56',
    '127,S0037,10.1.0.93,1718294614,-62,20240614',
    'nonsense',
  ])('%s', (text) => {
    expect(masked(text)).toBe(text);
  });
});

describe('the body of a dead letter', () => {
  const addresses = fc
    .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 12, maxLength: 12 })
    .map((digits) => digits.join(''));
  const spellings = fc.array(fc.constantFrom('', ':', '-', '.'), { minLength: 11, maxLength: 11 });
  const escapes = fc.array(fc.boolean(), { minLength: 23, maxLength: 23 });

  test('never lets out an address, however it is spelled or escaped', () => {
    fc.assert(
      fc.property(addresses, spellings, escapes, (digits, between, escaped) => {
        const plain = [...digits].flatMap((digit, i) => [digit, between[i] ?? '']).join('');
        const value = [...plain]
          .map((character, i) => (escaped[i] ? asEscape(character) : character))
          .join('');
        const body = Buffer.from(`{"note":"${value}"}`);
        const note = maskedBody(body, 0, body.length)
          .replaceAll(/\\u00(..)/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
          .replaceAll(/[:.-]/g, '');
        expect(note).toMatch(/^\{"note""[\da-fx]*x{6}"\}$/i);
        expect(note.slice('{"note""'.length).replaceAll(/[^\da-f]/gi, '').length).toBeLessThanOrEqual(6);
      }),
    );
  });

  test('never lets out an address of pairs, whatever stands between them', () => {
    const separators = fc
      .array(fc.constantFrom(...' :-._/,;|#~*+\t\u00a0·'), { minLength: 1, maxLength: 4 })
      .map((characters) => characters.join(''));
    const between = fc.array(separators, { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(addresses, between, fc.constantFrom('note', 'user_device_mac'), (digits, gaps, key) => {
        const value = [...digits.matchAll(/../g)].map(([pair], i) => pair + (gaps[i] ?? '')).join('');
        const body = Buffer.from(`{"${key}":"${value}"}`);
        const kept = maskedBody(body, 0, body.length).slice(key.length + 4);
        expect(kept.replaceAll(/[^\da-f]/gi, '')).toBe(digits.slice(0, 6));
      }),
    );
  });

  test('holds at most 4 KiB, and no part of an address that the cut would split', () => {
    for (let before = 4_070; before <= 4_100; before++) {
      const body = Buffer.from(`${'.'.repeat(before - 1)} a4c3610b2201 ${'.'.repeat(5_000)}`);
      const kept = maskedBody(body, 0, body.length);
      expect(4_096 - Buffer.byteLength(kept)).toBeLessThanOrEqual(1);
      expect(kept).not.toContain('a4c3610');
    }
  });

  test.each([
    ['whole characters', Buffer.from('中'.repeat(3_000))],
    ['damaged bytes', Buffer.alloc(5_000, 0xff)],
  ])('is cut between characters: %s', (_what, bytes) => {
    const kept = maskedBody(bytes, 0, bytes.length);
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(4_096);
    expect(Buffer.byteLength(kept)).toBeGreaterThan(4_090);
  });

  test('is the part that it was asked for', () => {
    expect(maskedBody(Buffer.from('one\ntwo\nthree'), 4, 7)).toBe('two');
  });
});

function asEscape(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}
