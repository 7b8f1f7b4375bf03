import type { DropCounts } from '../outcome.ts';

/** Records that one message of a stream may hold; what it holds beyond is malformed. */
export const MESSAGE_RECORDS_MAX = 1_024;

/**
 * Where batches come from when nobody waits for an answer: a stream, a simulator. A source hands over bodies in
 * order; the line acknowledges each once it is kept.
 */
export interface Source {
  /** Names its checkpoints; one line of a store belongs to one source of a name. */
  readonly name: string;
  /**
   * Ends when the source is exhausted or closed, or when it is called again: a reader that leaves off goes back to
   * what it kept, and does not wait for the body that it was waiting for. `after` is the position of the last body
   * kept, if any.
   */
  bodies(after: string | undefined): AsyncIterable<SourceBody>;
  /** Bodies behind a position, as the source knows it now; of a source that repeats nothing there is no such question. */
  waiting?(after: string | undefined): Promise<number>;
  close(): Promise<void>;
}

export interface SourceBody {
  readonly bytes: Uint8Array;
  readonly receivedAtS: number;
  /** Where the source goes on after this body; kept in the same commit as its records. */
  readonly position: string;
  /** The slot of the body's first record; the others follow. Absent where nothing is ever handed over again. */
  readonly firstSlot?: number;
  /** Part of an import: its records are kept without being folded, because their days settle when it has ended. */
  readonly imported?: boolean;
  /** Records that were dropped where they came in, and are counted with these. */
  readonly dropped?: DropCounts;
  /** Bodies that waited behind this one when it was handed over; 0 = the newest. */
  readonly pending?: number;
}
