import type { DuckDBDataChunk } from '@duckdb/node-api';
import { Codebook } from '../../codebook.ts';
import { IdentityConflict } from '../identity-conflict.ts';
import type { KeptMall, MallIdentity } from '../store.ts';
import { appendRows } from './append-rows.ts';
import { firstNumber, texts } from './column-values.ts';
import { readArrivals, readSettlements } from './day-books.ts';
import { readExpired } from './expiry.ts';
import { KeptDays } from './kept-days.ts';
import type { Session } from './session.ts';
import { inTransaction, type Writer } from './writer.ts';

const SHOP_CODES = 'SELECT code FROM shop WHERE mall = $1 ORDER BY number';
const ACCESS_POINT_MACS = 'SELECT mac FROM access_point WHERE mall = $1 ORDER BY number';
const COMMIT_NUMBER = 'SELECT commit_number FROM mall_commit WHERE mall = $1';
const IDENTITY = 'SELECT fingerprint, time_zone FROM mall_identity WHERE mall = $1';
const IDENTITIES = `
  SELECT code, fingerprint, time_zone FROM mall_identity JOIN mall ON mall.number = mall_identity.mall`;
const CHECKPOINTS = 'SELECT source, position FROM checkpoint WHERE mall = $1 ORDER BY source';

/** A mall that was opened: its number in the tables, and how far the store has come with it. */
export interface OpenedMall {
  readonly number: number;
  /** The numbers that the mall's rows are written in. */
  codebook: Codebook;
  /** Number of the newest commit kept. */
  commit: number;
  /** How many of the codebook's numbers are kept. */
  shopsKept: number;
  accessPointsKept: number;
  readonly days: KeptDays;
}

export class KeptMalls {
  /** The one that writes commits, too: it alone writes malls and codebooks. */
  readonly #writer: Writer;
  readonly #opened = new Map<string, OpenedMall>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  get(code: string): OpenedMall {
    const mall = this.#opened.get(code);
    if (mall === undefined) throw new ReferenceError(`the mall ${code} was not opened`);
    return mall;
  }

  open(code: string): Promise<KeptMall> {
    return this.#writer.turn(async (session) => {
      const [number, kept] = await inTransaction(session, async () => {
        const number = await mallNumber(session, code);
        return [number, await readMall(session, number)] as const;
      });
      const { codebook, commit } = kept;
      const { shopCount, accessPointCount } = codebook;
      this.#opened.set(code, {
        number,
        codebook,
        commit,
        shopsKept: shopCount,
        accessPointsKept: accessPointCount,
        days: new KeptDays(kept.arrivals, kept.settlements),
      });
      return kept;
    });
  }

  /** Once and for good: keeping another one rejects. */
  async keepIdentity(code: string, { fingerprint, timeZone }: MallIdentity): Promise<void> {
    const { number } = this.get(code);
    await this.#writer.turn(async (session) => {
      const [kept] = await session.rows(IDENTITY, [number], readTexts);
      if (kept === undefined) {
        await session.run('INSERT INTO mall_identity VALUES ($1, $2, $3)', [number, fingerprint, timeZone]);
      } else if (kept[0] !== fingerprint || kept[1] !== timeZone) {
        throw new IdentityConflict(code);
      }
    });
  }

  /** Keeps the numbers that rows about to be written may use. A number kept ahead of its rows does no harm. */
  async keepCodebook(mall: OpenedMall, codebook: Codebook): Promise<void> {
    if (!hasNewNumbers(mall, codebook)) return;
    await this.#writer.turn(async (session) => {
      const kept = await inTransaction(session, () => writeCodebook(session, mall, codebook));
      Object.assign(mall, kept);
    });
  }
}

type CodebookKept = Pick<OpenedMall, 'codebook' | 'shopsKept' | 'accessPointsKept'>;

/** Writes the codebook's new numbers, inside a transaction; what it returns holds once that is committed. */
export async function writeCodebook(
  session: Session,
  mall: OpenedMall,
  codebook: Codebook,
): Promise<CodebookKept> {
  const { shopCount, accessPointCount } = codebook;
  const shops = range(mall.shopsKept + 1, shopCount);
  await appendRows(session, 'shop', shops.length, [
    mall.number,
    shops,
    Array.from(shops, (number) => codebook.shopCode(number)),
  ]);
  const accessPoints = range(mall.accessPointsKept + 1, accessPointCount);
  await appendRows(session, 'access_point', accessPoints.length, [
    mall.number,
    accessPoints,
    Float64Array.from(accessPoints, (number) => codebook.accessPointMac(number)),
  ]);
  return { codebook, shopsKept: shopCount, accessPointsKept: accessPointCount };
}

/** What is kept of every mall that can never change. */
export async function readIdentities(session: Session): Promise<Map<string, MallIdentity>> {
  const rows = await session.rows(IDENTITIES, [], readTexts);
  return new Map(
    rows.map(([code, fingerprint, timeZone]) => [code!, { fingerprint: fingerprint!, timeZone: timeZone! }]),
  );
}

function hasNewNumbers(mall: OpenedMall, codebook: Codebook): boolean {
  return codebook.shopCount > mall.shopsKept || codebook.accessPointCount > mall.accessPointsKept;
}

/** Both ends are inside. */
function range(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

async function mallNumber(session: Session, code: string): Promise<number> {
  const [found] = await session.rows('SELECT number FROM mall WHERE code = $1', [code], firstNumber);
  if (found !== undefined) return found;
  const [next] = await session.rows('SELECT (count(*) + 1)::UINTEGER FROM mall', [], firstNumber);
  await session.run('INSERT INTO mall VALUES ($1, $2)', [next!, code]);
  return next!;
}

async function readMall(session: Session, mall: number): Promise<KeptMall> {
  const shopCodes = await session.rows(SHOP_CODES, [mall], readText);
  const macs = await session.rows(ACCESS_POINT_MACS, [mall], firstNumber);
  const [commit] = await session.rows(COMMIT_NUMBER, [mall], firstNumber);
  const [identity] = await session.rows(IDENTITY, [mall], readTexts);
  return {
    codebook: new Codebook(shopCodes, macs),
    epoch: 0,
    commit: commit ?? 0,
    checkpoints: new Map(
      (await session.rows(CHECKPOINTS, [mall], readTexts)).map(([source, position]) => [source!, position!]),
    ),
    arrivals: await readArrivals(session, mall),
    settlements: await readSettlements(session, mall),
    identity: identity === undefined ? null : { fingerprint: identity[0]!, timeZone: identity[1]! },
    expired: await readExpired(session, mall),
  };
}

function readText(chunk: DuckDBDataChunk): (row: number) => string {
  const column = texts(chunk, 0);
  return (row) => column[row]!;
}

/** For rows whose columns are all texts. */
function readTexts(chunk: DuckDBDataChunk): (row: number) => string[] {
  const columns = Array.from({ length: chunk.columnCount }, (_, column) => texts(chunk, column));
  return (row) => columns.map((column) => column[row]!);
}
