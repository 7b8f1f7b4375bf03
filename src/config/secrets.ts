import { link, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';

export interface SecretOptions {
  /** Holds one file a mall, named by its code. */
  readonly folder: string;
  readonly mall: string;
  /** Of the secret that the store's customers were made with; null = the store knows none. */
  readonly keptFingerprint: string | null;
  /** Whether a secret may be made where neither the folder nor the store knows one. */
  readonly mayCreate: boolean;
  fingerprint(secret: Uint8Array): string;
  random(bytes: number): Uint8Array;
}

export type SecretErrorCode =
  /** There is none, and none may be made here. */
  | 'SECRET_MISSING'
  /** There is none, but customers are stored under one. */
  | 'SECRET_LOST'
  | 'SECRET_DIFFERENT'
  | 'SECRET_MALFORMED'
  /** Others than its owner may read it. */
  | 'SECRET_EXPOSED'
  | 'SECRET_UNREADABLE'
  | 'SECRET_UNWRITABLE';

/** A mall cannot be opened because of its secret. The message says what to do, and never shows the secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly code: SecretErrorCode;
  constructor(code: SecretErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

const SECRET_BYTES = 32;
const POSIX = process.platform !== 'win32';

/**
 * The secret that makes pseudonyms of one mall's addresses. It is durable before it is used for the first time,
 * and never replaced: under another secret every customer would be a stranger. Rejects with a SecretError.
 */
export async function openSecret(options: SecretOptions): Promise<{ secret: Uint8Array; created: boolean }> {
  const { folder, mall, keptFingerprint, fingerprint } = options;
  const file = join(folder, mall);
  const found = await readSecret(file, mall);
  if (found === undefined) return makeSecret(file, options);
  if (keptFingerprint !== null && fingerprint(found) !== keptFingerprint) {
    throw new SecretError(
      'SECRET_DIFFERENT',
      `${file} is not the secret that the customers of mall ${mall} are stored under; restore that one from a backup, or use another data folder`,
    );
  }
  return { secret: found, created: false };
}

/** Undefined when there is no such file. */
async function readSecret(file: string, mall: string): Promise<Uint8Array | undefined> {
  const { mode, text } = await readGuarded(file);
  if (text === undefined) return undefined;
  if (POSIX && (mode & 0o077) !== 0) {
    throw new SecretError(
      'SECRET_EXPOSED',
      `${file} is open to others than its owner; run: chmod 600 '${file}'`,
    );
  }
  if (!/^[0-9a-fA-F]{64}\r?\n?$/.test(text)) {
    throw new SecretError(
      'SECRET_MALFORMED',
      `${file} does not hold 64 hexadecimal digits; restore the secret of mall ${mall} from a backup`,
    );
  }
  return Uint8Array.from(Buffer.from(text.slice(0, SECRET_BYTES * 2), 'hex'));
}

/** Mode and text of one and the same file; no text when there is no such file. */
async function readGuarded(file: string): Promise<{ mode: number; text: string | undefined }> {
  try {
    const opened = await open(file, 'r');
    try {
      return { mode: (await opened.stat()).mode, text: await opened.readFile('utf8') };
    } finally {
      await opened.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { mode: 0, text: undefined };
    throw new SecretError(
      'SECRET_UNREADABLE',
      `${file} cannot be read; let the user of footfall read it`,
      error,
    );
  }
}

async function makeSecret(
  file: string,
  options: SecretOptions,
): Promise<{ secret: Uint8Array; created: boolean }> {
  const { mall, keptFingerprint, mayCreate, random } = options;
  if (keptFingerprint !== null) {
    throw new SecretError(
      'SECRET_LOST',
      `${file} is missing, and the customers of mall ${mall} are stored under it; restore it from a backup, or use another data folder`,
    );
  }
  if (!mayCreate) {
    throw new SecretError(
      'SECRET_MISSING',
      `${file} is missing; make it once, and keep a copy: (umask 077; openssl rand -hex ${SECRET_BYTES} > '${file}')`,
    );
  }
  const secret = random(SECRET_BYTES);
  try {
    await writeWhole(
      file,
      `${Buffer.from(secret).toString('hex')}\n`,
      Buffer.from(random(8)).toString('hex'),
    );
  } catch (error) {
    // Another process made it meanwhile: that one is the secret.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return openSecret(options);
    throw new SecretError(
      'SECRET_UNWRITABLE',
      `${file} cannot be made; let the user of footfall write there`,
      error,
    );
  }
  return { secret, created: true };
}

/**
 * The file is there whole or not at all, also after a power failure. A link, unlike a rename, never replaces a
 * file that another process made meanwhile.
 */
async function writeWhole(file: string, text: string, suffix: string): Promise<void> {
  const folder = dirname(file);
  const madeFolder = await makeFolder(folder, 0o700);
  const draft = `${file}.${suffix}`;
  const opened = await open(draft, 'wx', 0o600);
  try {
    try {
      await opened.writeFile(text);
      await opened.sync();
    } finally {
      await opened.close();
    }
    await link(draft, file);
  } finally {
    await unlink(draft);
  }
  await syncFolder(folder);
  if (madeFolder !== undefined) await syncFolder(dirname(madeFolder));
}

async function syncFolder(folder: string): Promise<void> {
  if (!POSIX) return;
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
