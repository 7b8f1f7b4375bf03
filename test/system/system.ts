import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type Served, serve } from '../../src/commands/serve.ts';
import { readSettings } from '../../src/config/settings.ts';
import { formatCustomer } from '../../src/decode/customer-id.ts';
import { Pseudonyms } from '../../src/decode/pseudonyms.ts';
import { parseMac } from '../../src/mac.ts';
import type { Clock } from '../../src/terms.ts';
import { GOLDEN_FOLDER } from './golden-files.ts';

/** The secret that the golden pseudonyms are made with: 00 01 … 1f. */
const SECRET = Buffer.from(Array.from({ length: 32 }, (_, i) => i));

/** A data folder with directories of malls and their secrets, gone after the test. */
export interface Home {
  readonly folder: string;
  readonly env: Record<string, string>;
  remove(): void;
}

export function createHome(malls: readonly string[]): Home {
  const folder = mkdtempSync(join(tmpdir(), 'footfall-home-'));
  const env = {
    FOOTFALL_DATA: join(folder, 'data'),
    FOOTFALL_MALLS: join(folder, 'malls'),
    FOOTFALL_LOG: 'silent',
  };
  mkdirSync(join(env.FOOTFALL_DATA, 'secrets'), { recursive: true, mode: 0o700 });
  mkdirSync(env.FOOTFALL_MALLS);
  for (const mall of malls) {
    const into = join(env.FOOTFALL_MALLS, mall);
    mkdirSync(into);
    for (const file of ['mall.json', 'area_shop.csv', 'place_info.csv', 'shop_user_record.csv']) {
      cpSync(join(GOLDEN_FOLDER, mall, file), join(into, file));
    }
    writeFileSync(join(env.FOOTFALL_DATA, 'secrets', mall), SECRET.toString('hex'), { mode: 0o600 });
  }
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The whole embedded shape, in this process, on a free port. */
export function startSystem(home: Home, options: { clock?: Clock } = {}): Promise<Served> {
  const settings = readSettings(home.env);
  const logTo = new Writable({ write: (_chunk, _encoding, done) => done() });
  const mallsFolders = [settings.mallsFolder];
  return serve({ settings, mallsFolders, host: '127.0.0.1', port: 0, logTo, ...options });
}

const pseudonyms = new Pseudonyms(SECRET);

/** The customer id of a MAC in every mall made by `createHome`. */
export function customerOf(mac: string): string {
  return formatCustomer(pseudonyms.of(parseMac(mac)!));
}

/** Asks over HTTP and gives `data`; throws what the server says when there are errors. */
export async function ask<T = Record<string, unknown>>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown[] };
  if (errors !== undefined) throw new Error(`${query.slice(0, 200)}: ${JSON.stringify(errors[0])}`);
  return data;
}

/** Posts a body of NDJSON and gives the answer's status and content. */
export async function post(
  url: string,
  mall: string,
  body: string | Uint8Array,
): Promise<{ status: number; answer: { kept: number; dropped: Record<string, number> } }> {
  const response = await fetch(`${url}/v1/probes/${mall}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Buffer.from(body),
  });
  return { status: response.status, answer: (await response.json()) as never };
}

/** Whole files from memory, for `importFiles`. */
export async function* filesOf(...contents: Uint8Array[]) {
  for (const [i, content] of contents.entries()) {
    yield {
      name: `file ${i + 1}`,
      bytes: (async function* () {
        yield content;
      })(),
    };
  }
}
