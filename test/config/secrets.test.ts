import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openSecret, type SecretOptions } from '../../src/config/secrets.ts';
import { testOnlyWhere } from '../only-where.ts';
import { emptyFolder } from './mall-folder.ts';

const HEX = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i);
const fingerprint = (secret: Uint8Array) => createHash('sha256').update(secret).digest('hex');
const posixTest = testOnlyWhere(
  process.platform !== 'win32',
  'rights of a secret’s file',
  'Windows has others',
);

async function options(more: Partial<SecretOptions> = {}): Promise<SecretOptions> {
  let drawn = 0;
  return {
    folder: join(await emptyFolder(), 'secrets'),
    mall: 'm',
    keptFingerprint: null,
    mayCreate: true,
    fingerprint,
    random: (bytes) => Uint8Array.from({ length: bytes }, (_, i) => (bytes === 32 ? i : drawn++)),
    ...more,
  };
}

async function withFile(
  text: string,
  more: Partial<SecretOptions> = {},
  mode = 0o600,
): Promise<SecretOptions> {
  const made = await options(more);
  await mkdir(made.folder, { mode: 0o700 });
  await writeFile(join(made.folder, 'm'), text, { mode });
  await chmod(join(made.folder, 'm'), mode);
  return made;
}

describe('a secret that is there', () => {
  test.each([
    ['as it is', HEX],
    ['with a line end', `${HEX}\n`],
    ['with a line end of Windows', `${HEX}\r\n`],
    ['in upper case', HEX.toUpperCase()],
  ])('is used: %s', async (_, text) => {
    const kept = { keptFingerprint: fingerprint(SECRET), mayCreate: false };
    expect(await openSecret(await withFile(text, kept))).toEqual({ secret: SECRET, created: false });
  });

  test('is used where the store knows none yet', async () => {
    expect(await openSecret(await withFile(HEX))).toEqual({ secret: SECRET, created: false });
  });
});

describe('a secret that is missing and may be made', () => {
  test('is made, and found the next time', async () => {
    const made = await options();
    expect(await openSecret(made)).toEqual({ secret: SECRET, created: true });
    expect(await readFile(join(made.folder, 'm'), 'utf8')).toBe(`${HEX}\n`);
    expect(await readdir(made.folder)).toEqual(['m']);
    expect(await openSecret(made)).toEqual({ secret: SECRET, created: false });
  });

  posixTest('is for its owner alone, and so is the folder', async () => {
    const made = await options();
    await openSecret(made);
    expect((await stat(made.folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(made.folder, 'm'))).mode & 0o777).toBe(0o600);
  });

  test('is one and the same for all who ask at once', async () => {
    const { folder } = await options();
    const random = (bytes: number) =>
      Uint8Array.from({ length: bytes }, () => Math.floor(Math.random() * 256));
    const asked = Array.from({ length: 8 }, async () => openSecret({ ...(await options()), folder, random }));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ secret }) => fingerprint(secret))).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['m']);
  });
});

describe('what is refused, and what to do then', () => {
  const refusals: [string, () => Promise<SecretOptions>, string, string][] = [
    [
      'missing, and none may be made',
      () => options({ mayCreate: false }),
      'SECRET_MISSING',
      "F/m is missing; make it once, and keep a copy: (umask 077; openssl rand -hex 32 > 'F/m')",
    ],
    [
      'missing, but customers are stored under it',
      () => options({ keptFingerprint: fingerprint(SECRET) }),
      'SECRET_LOST',
      'F/m is missing, and the customers of mall m are stored under it; restore it from a backup, or use another data folder',
    ],
    [
      'another one than the store knows',
      () => withFile(HEX, { keptFingerprint: fingerprint(new Uint8Array(32)) }),
      'SECRET_DIFFERENT',
      'F/m is not the secret that the customers of mall m are stored under; restore that one from a backup, or use another data folder',
    ],
    ...['', HEX.slice(1), `${HEX}0`, `${HEX} `, `${HEX}\n\n`, `g${HEX.slice(1)}`].map(
      (text): [string, () => Promise<SecretOptions>, string, string] => [
        `holds ${JSON.stringify(text)}`,
        () => withFile(text),
        'SECRET_MALFORMED',
        'F/m does not hold 64 hexadecimal digits; restore the secret of mall m from a backup',
      ],
    ),
    [
      'a folder in its place',
      async () => {
        const made = await options();
        await mkdir(join(made.folder, 'm'), { recursive: true, mode: 0o700 });
        await chmod(join(made.folder, 'm'), 0o700);
        return made;
      },
      'SECRET_UNREADABLE',
      'F/m cannot be read; let the user of footfall read it',
    ],
    [
      'a file in place of the folder around it',
      async () => {
        const folder = join(await emptyFolder(), 'file', 'secrets');
        await writeFile(join(folder, '..'), '');
        return options({ folder });
      },
      'SECRET_UNREADABLE',
      'F/m cannot be read; let the user of footfall read it',
    ],
  ];

  test.each(refusals)('%s', async (_, makeOptions, code, message) => {
    const made = await makeOptions();
    const error = await openSecret(made).catch((refused) => refused);
    expect(error).toMatchObject({ name: 'SecretError', code });
    expect(error.message.replaceAll(made.folder, 'F')).toBe(message);
    expect(error.message).not.toContain(HEX.slice(1, -1));
  });

  posixTest.each([0o640, 0o604, 0o660, 0o602])('others may touch it: mode %d', async (mode) => {
    const made = await withFile(HEX, {}, mode);
    const file = join(made.folder, 'm');
    await expect(openSecret(made)).rejects.toMatchObject({
      code: 'SECRET_EXPOSED',
      message: `${file} is open to others than its owner; run: chmod 600 '${file}'`,
    });
  });

  test('it cannot be written', async () => {
    const made = await options({ mall: 'm'.repeat(250) });
    const error = await openSecret(made).catch((refused) => refused);
    expect(error).toMatchObject({ code: 'SECRET_UNWRITABLE', cause: { code: 'ENAMETOOLONG' } });
    expect(error.message).toMatch(/\/m+ cannot be made; let the user of footfall write there$/);
    expect(await readdir(made.folder)).toEqual([]);
  });
});
