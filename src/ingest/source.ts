/**
 * Where batches come from when nobody waits for an answer: a stream, a simulator. A source hands over bodies in
 * order; the line acknowledges each once it is kept.
 */
export interface Source {
  /** Names its checkpoints; one line of a store belongs to one source of a name. */
  readonly name: string;
  /** Ends when the source is exhausted or closed. `after` is the position of the last body kept, if any. */
  bodies(after: string | undefined): AsyncIterable<SourceBody>;
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
}
