import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { NoLongerOwner } from '../fenced-store.ts';
import type { Log } from '../log.ts';
import { OperationRefused, type SettledDay } from '../operations.ts';
import { OWNER_SUBJECT, type OwnerAnswer, type OwnerQuestion, WORKING_EVERY_MS } from './owner-protocol.ts';

/** What the owner of a mall can be asked by commands of other processes. */
export interface OwnedMalls {
  /** Of `from` to `to`, or of these dates alone. */
  settle(
    mall: string,
    days: { from?: string; to?: string; dates?: readonly string[] },
  ): Promise<readonly SettledDay[]>;
  /** Where the mall's source goes on; undefined while nothing of it is kept. */
  position(mall: string): string | undefined;
}

/** Answers for the malls that this process owns, from `serve` until `stop` of each. */
export class OwnerService {
  readonly #nats: NatsConnection;
  readonly #malls: OwnedMalls;
  readonly #log: Log;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: { nats: NatsConnection; malls: OwnedMalls; log: Log }) {
    this.#nats = options.nats;
    this.#malls = options.malls;
    this.#log = options.log;
  }

  serve(mall: string): void {
    const callback = (error: Error | null, message: Msg) => {
      if (error === null) void this.#answer(mall, message);
    };
    this.#subscriptions.set(mall, this.#nats.subscribe(OWNER_SUBJECT(mall, '*'), { callback }));
  }

  stop(mall: string): void {
    this.#subscriptions.get(mall)?.unsubscribe();
    this.#subscriptions.delete(mall);
  }

  async #answer(mall: string, message: Msg): Promise<void> {
    // Once the connection is gone nobody hears it.
    const say = (answer: OwnerAnswer) => this.#nats.isClosed() || message.respond(JSON.stringify(answer));
    // Who asks can tell a long settlement from an owner that has died.
    const working = setInterval(() => say({ kind: 'working' }), WORKING_EVERY_MS).unref();
    try {
      say(await this.#carryOut(mall, message.json<OwnerQuestion>()));
    } catch (error) {
      say(this.#excuse(mall, error));
    } finally {
      clearInterval(working);
    }
  }

  #excuse(mall: string, error: unknown): OwnerAnswer {
    if (error instanceof OperationRefused) {
      return { kind: 'refused', code: error.code, message: error.message };
    }
    if (error instanceof NoLongerOwner) return { kind: 'away' };
    this.#log.error({ mall, err: error }, 'could not do what a command asked of this mall');
    return { kind: 'failed', message: (error as Error).message };
  }

  async #carryOut(mall: string, question: OwnerQuestion): Promise<OwnerAnswer> {
    if (question.kind === 'position') {
      const position = this.#malls.position(mall);
      return position === undefined ? { kind: 'position' } : { kind: 'position', position };
    }
    return { kind: 'settled', days: await this.#malls.settle(mall, question) };
  }
}
