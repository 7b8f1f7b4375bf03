import { createHash } from 'node:crypto';
import { type ExecutionArgs, type ExecutionResult, subscribe } from 'graphql';

/** The bytes of one answer, the same for everybody who asked the same. */
export class SharedAnswer implements ExecutionResult {
  /** What it holds is told by its bytes alone. */
  declare readonly data?: null;
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

export interface SharedOperation {
  readonly args: ExecutionArgs;
  /** Those of one key are given the same answers: text, variables, and what the asker may see. */
  readonly key: string;
  /** Answers after the first tell what changed; otherwise each tells all. */
  readonly tellsChanges: boolean;
}

/** Turns a result into what is sent, errors as their askers may read them. */
export type Serialize = (result: ExecutionResult) => Buffer;

/** The key of an operation. */
export function keyOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

/**
 * Subscriptions of which any number of readers share one execution and one serialisation. What waits for a reader is never
 * more than one answer, and that is the newest: a reader of changes that missed some is told all again.
 */
export class SharedSubscriptions {
  readonly #serialize: Serialize;
  readonly #groups = new Map<string, Group>();

  constructor(serialize: Serialize) {
    this.#serialize = serialize;
  }

  /** How many executions run, and for how many readers. */
  get size(): { readonly groups: number; readonly readers: number } {
    let readers = 0;
    for (const group of this.#groups.values()) readers += group.readers.size;
    return { groups: this.#groups.size, readers };
  }

  /** The answers, or why there will be none. */
  async subscribe(operation: SharedOperation): Promise<AsyncIterable<SharedAnswer> | ExecutionResult> {
    const { key } = operation;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new Group(operation, this.#serialize, () => {
        if (this.#groups.get(key) === group) this.#groups.delete(key);
      });
      this.#groups.set(key, group);
    }
    const reader = group.join();
    const refused = await group.begun;
    return refused ?? reader;
  }
}

const WHOLE_MS = 1_000;

interface Pull {
  readonly resolve: (result: IteratorResult<SharedAnswer>) => void;
  readonly reject: (error: unknown) => void;
}

/** How the answers of a group ended. */
type End = { readonly error: unknown } | 'done';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

class Group {
  readonly readers = new Set<Reader>();
  /** Resolves once the execution has begun, or with why it has not. */
  readonly begun: Promise<ExecutionResult | undefined>;
  /** The number of the newest answer; 0 before there is one. */
  number = 0;
  readonly #operation: SharedOperation;
  readonly #serialize: Serialize;
  readonly #onEnd: () => void;
  #source: AsyncIterator<ExecutionResult> | undefined;
  #newest: SharedAnswer | undefined;
  #whole:
    | { readonly number: number; readonly atMs: number; readonly answer: Promise<SharedAnswer> }
    | undefined;
  #end: End | undefined;

  constructor(operation: SharedOperation, serialize: Serialize, onEnd: () => void) {
    this.#operation = operation;
    this.#serialize = serialize;
    this.#onEnd = onEnd;
    this.begun = this.#begin();
  }

  join(): Reader {
    const reader = new Reader(this);
    this.readers.add(reader);
    return reader;
  }

  leave(reader: Reader): void {
    this.readers.delete(reader);
    if (this.readers.size > 0 || this.#end !== undefined) return;
    this.#finish('done');
    this.#endSource();
  }

  /** What a reader that has been given answers up to `last` is given next; undefined = it has all. */
  after(last: number): Promise<IteratorResult<SharedAnswer>> | undefined {
    if (this.number > last) {
      // An answer that is not told again because nothing changed says when it was made: who comes later has one of now.
      const isNext = last >= 0 && (!this.#operation.tellsChanges || last === this.number - 1);
      return (isNext ? Promise.resolve(this.#newest!) : this.#wholeNow()).then((value) => ({
        done: false,
        value,
      }));
    }
    if (this.#end === undefined) return undefined;
    return this.#end === 'done' ? Promise.resolve(DONE) : Promise.reject(this.#end.error);
  }

  async #begin(): Promise<ExecutionResult | undefined> {
    try {
      const source = await subscribe(this.#operation.args);
      if (!(Symbol.asyncIterator in source)) {
        this.#finish('done');
        return source;
      }
      this.#source = source[Symbol.asyncIterator]();
      if (this.#end !== undefined) this.#endSource();
      else void this.#run(this.#source);
      return undefined;
    } catch (error) {
      this.#finish({ error });
      throw error;
    }
  }

  async #run(source: AsyncIterator<ExecutionResult>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await source.next();
        if (done || this.#end !== undefined) return this.#finish('done');
        this.#newest = new SharedAnswer(this.#serialize(value));
        this.number++;
        for (const reader of this.readers) reader.serve();
      }
    } catch (error) {
      this.#finish({ error });
    }
  }

  /** Nobody waits for that, and nobody is there to hear of it. */
  #endSource(): void {
    this.#source?.return?.().catch(() => undefined);
  }

  /** All as it is now, once a second and answer for however many readers need it. */
  #wholeNow(): Promise<SharedAnswer> {
    const nowMs = performance.now();
    const known = this.#whole;
    if (known?.number === this.number && nowMs - known.atMs < WHOLE_MS) return known.answer;
    const answer = this.#readWhole();
    this.#whole = { number: this.number, atMs: nowMs, answer };
    return answer;
  }

  async #readWhole(): Promise<SharedAnswer> {
    const source = await subscribe(this.#operation.args);
    if (!(Symbol.asyncIterator in source)) return new SharedAnswer(this.#serialize(source));
    const { value } = await source.next();
    await source.return(undefined);
    return new SharedAnswer(this.#serialize(value as ExecutionResult));
  }

  #finish(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#onEnd();
    for (const reader of this.readers) reader.serve();
  }
}

/** One reader: asks for the next answer when it has sent the last. */
class Reader implements AsyncIterableIterator<SharedAnswer> {
  readonly #group: Group;
  /** The newest answer that it was given, or that it needs nothing before. */
  #last: number;
  #pull: Pull | undefined;
  #ended = false;

  constructor(group: Group) {
    this.#group = group;
    // Who comes later has missed what was told before.
    this.#last = group.number === 0 ? 0 : -1;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<SharedAnswer>> {
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#pull = { resolve, reject };
      this.serve();
    });
  }

  return(): Promise<IteratorResult<SharedAnswer>> {
    this.#ended = true;
    this.#pull?.resolve(DONE);
    this.#pull = undefined;
    this.#group.leave(this);
    return Promise.resolve(DONE);
  }

  /** Answers a `next` that waits, if there is what to answer it with. */
  serve(): void {
    const pull = this.#pull;
    if (pull === undefined) return;
    const { number } = this.#group;
    const answer = this.#group.after(this.#last);
    if (answer === undefined) return;
    this.#pull = undefined;
    // What was read while the answer after this one came holds it too: told again, it changes nothing.
    this.#last = number;
    answer.then(pull.resolve, pull.reject);
  }
}
