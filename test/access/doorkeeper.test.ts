import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { demand } from '../../src/access/demand.ts';
import { Doorkeeper } from '../../src/access/doorkeeper.ts';
import { KeyBook, type KeyWish, makeKey } from '../../src/access/key-book.ts';
import { ALL_RIGHTS, OPEN_RIGHTS, Rights } from '../../src/access/rights.ts';
import type { ApiKey, ApiKeys } from '../../src/store/store.ts';

const NOW_S = 1_718_362_800;
const TOKEN = 's3cret-of-sixteen';
const WISH: KeyWish = { name: 'wall', malls: ['m'], scopes: ['analytics'], expiresAtS: null };

/** Keys in memory, and a clock that a test moves. */
async function withKeys(...wishes: readonly Partial<KeyWish>[]) {
  const made = wishes.map((wish) => makeKey({ ...WISH, ...wish }, { random: randomBytes, nowS: NOW_S }));
  let tell: (key: ApiKey) => void = () => undefined;
  const kept: ApiKeys = {
    list: async () => made.map(({ key }) => key),
    put: async (key) => tell(key),
    watch: async (onPut) => {
      tell = onPut;
      return () => undefined;
    },
  };
  const time = { nowS: NOW_S };
  const keys = await KeyBook.open(kept);
  const doorkeeper = new Doorkeeper({ token: TOKEN, keys, clock: { nowS: () => time.nowS } });
  return { doorkeeper, made, kept, time };
}

test.each([
  ['the token', `Bearer ${TOKEN}`, true],
  ['in other case and with more blanks', `bEARER   ${TOKEN}  `, true],
  ['another token', 'Bearer s3cret-of-seventeen', false],
  ['the token and more', `Bearer ${TOKEN}x`, false],
  ['a beginning of it', `Bearer ${TOKEN.slice(0, -1)}`, false],
  ['another scheme', `Basic ${TOKEN}`, false],
  ['the token alone', TOKEN, false],
  ['nothing', undefined, false],
  ['an empty header', '', false],
  ['no text', 7, false],
  ['a header given twice', [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`], false],
  ['what looks like a key', 'Bearer ffk_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', false],
  ['what looks like a signed token, where none is trusted', 'Bearer a.b.c', false],
])('%s: is let in, or is not', async (_what, authorization, isLetIn) => {
  const { doorkeeper } = await withKeys({});
  if (isLetIn) expect(await doorkeeper.admit(authorization)).toBe(ALL_RIGHTS);
  else
    expect(() => doorkeeper.admit(authorization)).toThrow(/bring the header "authorization: Bearer <token>"/);
});

test('without a token the door is open to whoever brings nothing, or anything', () => {
  const doorkeeper = new Doorkeeper({ token: null, clock: { nowS: () => NOW_S } });
  expect(doorkeeper.isOpen).toBe(true);
  expect(doorkeeper.admit(undefined)).toBe(OPEN_RIGHTS);
  expect(doorkeeper.admit('Bearer whatever')).toBe(OPEN_RIGHTS);
});

test('a key gives its own rights and no more', async () => {
  const { doorkeeper, made } = await withKeys({}, { malls: 'all', scopes: ['positions', 'made-up'] });
  const [first, second] = await Promise.all(made.map(({ text }) => doorkeeper.admit(`Bearer ${text}`)));
  expect([first!.may('analytics', 'm'), first!.may('analytics', 'n'), first!.may('admin', 'm')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([second!.may('positions', 'n'), second!.hasScope('analytics')]).toEqual([true, false]);
  expect(first!.group).not.toBe(second!.group);
});

test('of a key a hash alone is kept, and another secret with its id opens nothing', async () => {
  const { doorkeeper, made } = await withKeys({}, {});
  const [{ key, text }, other] = made as [(typeof made)[0], (typeof made)[0]];
  expect(text).toMatch(/^ffk_[0-9a-z]{12}_[\w-]{43}$/);
  expect(JSON.stringify(key)).not.toContain(text.slice(17));
  const mixed = `ffk_${key.id}_${other.text.slice(17)}`;
  expect(() => doorkeeper.admit(`Bearer ${mixed}`)).toThrow('not known here');
});

test('a key ends at its hour, and at once when it is revoked, whoever holds its rights already', async () => {
  const { doorkeeper, made, kept, time } = await withKeys({ expiresAtS: NOW_S + 60 }, {});
  const [expiring, revoked] = await Promise.all(made.map(({ text }) => doorkeeper.admit(`Bearer ${text}`)));
  expect([doorkeeper.holds(expiring!), doorkeeper.holds(revoked!)]).toEqual([true, true]);
  time.nowS += 60;
  expect(doorkeeper.holds(expiring!)).toBe(false);
  expect(() => doorkeeper.admit(`Bearer ${made[0]!.text}`)).toThrow('has expired');
  await kept.put({ ...made[1]!.key, revokedAtS: time.nowS });
  expect(doorkeeper.holds(revoked!)).toBe(false);
  expect(() => doorkeeper.admit(`Bearer ${made[1]!.text}`)).toThrow('not known here');
  // News that come late change nothing.
  await kept.put(made[1]!.key);
  expect(doorkeeper.holds(revoked!)).toBe(false);
});

test('what is demanded and missing is named, and nothing is said of malls that are not the asker’s', () => {
  const rights = new Rights({ holder: 'x', malls: ['m'], scopes: ['analytics'] });
  expect(() => demand(rights, ['analytics'], 'm')).not.toThrow();
  expect(() => demand(rights, ['analytics'])).not.toThrow();
  expect(() => demand(rights, ['analytics', 'identify'], 'm')).toThrow('needs the scope "identify"');
  expect(() => demand(rights, ['analytics'], 'n')).toThrow('has no right to the mall "n"');
  expect(() => demand(rights, ['analytics'], 'n'.repeat(5_000))).toThrow(/"n{60}…"$/);
});
