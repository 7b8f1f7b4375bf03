import type { DeadLetter, DropCounts, DropReason } from '../outcome.ts';

/** What the web server asks of the line. */
export interface Intake {
  /**
   * Takes one body of records. Resolves once the kept ones are durable and counted; rejects with
   * StoreUnavailable when they could not be kept (nothing of the body is).
   */
  receive(mall: string, body: Uint8Array, receivedAtS: number): Promise<Receipt>;
}

export type Receipt =
  | { readonly kind: 'received'; readonly kept: number; readonly dropped: DropCounts }
  | { readonly kind: 'unknown_mall' }
  /** Nothing in the body begins like a record. */
  | { readonly kind: 'not_records'; readonly detail: string }
  | { readonly kind: 'overloaded'; readonly retryAfterS: number };

/** Dead letters that can be asked for at a time, whoever answers: they are held in memory, and may be 4 KiB each. */
export const DEAD_LETTERS_MAX = 100_000;

/** What an operator's commands ask, of this process or, through its admin routes, of a running server. */
export interface Operations {
  /** `files` are whole files (NDJSON, JSON array or CSV, gzip or not), each a stream of bytes in order. */
  importFiles(
    mall: string,
    files: AsyncIterable<ImportFile>,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportResult>;

  /** Settles every day in the range that has records and is over; without a range, every such day that waits. */
  settle(mall: string, days: { from?: string; to?: string }): Promise<readonly SettledDay[]>;

  /** Newest first; `limit` is at most DEAD_LETTERS_MAX. */
  deadLetters(mall: string, filter: { reason?: DropReason; limit: number }): Promise<readonly DeadLetter[]>;
}

export interface ImportFile {
  /** For messages. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Kept in the same commit as the file's last records: where a source goes on that hands over its past as files. */
  readonly checkpoint?: { readonly source: string; readonly position: string };
}

export interface ImportProgress {
  readonly phase: 'reading' | 'settling';
  readonly records: number;
  /** Bytes read so far, as they lie in the files (compressed where those are). */
  readonly bytes: number;
}

export interface SettledDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly state: 'settled' | 'open';
}

export interface ImportResult {
  readonly lines: number;
  readonly kept: number;
  readonly dropped: DropCounts;
  readonly days: readonly SettledDay[];
  /** From the first byte to settled answers. */
  readonly seconds: number;
  readonly recordsPerSecond: number;
}

/** An operation that was asked for something that cannot be: one line that says what would be right. */
export class OperationRefused extends Error {
  override readonly name = 'OperationRefused';
  readonly code: 'UNKNOWN_MALL' | 'BAD_DATE' | 'BAD_FILE';
  constructor(code: OperationRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}
