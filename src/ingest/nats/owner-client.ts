import { createInbox, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { OperationRefused, type SettledDay } from '../operations.ts';
import { OWNER_SUBJECT, type OwnerAnswer, type OwnerQuestion, WORKING_EVERY_MS } from './owner-protocol.ts';

/** An owner that says nothing for so long has died, or lost its connection. */
const SILENCE_MS = 5 * WORKING_EVERY_MS;
const NO_RESPONDERS = 503;

/** Nobody answers for a mall: no process owns it now, or the one that does is gone. */
export class OwnerAway extends Error {
  override readonly name = 'OwnerAway';
  readonly code = 'OWNER_AWAY';
  constructor(mall: string) {
    const help = 'see that footfall ingest runs and has its directory, and try again in a few seconds';
    super(`nobody owns mall ${mall} now: ${help}`);
  }
}

/** The owner could not do it; its own log says more. */
export class OwnerFailed extends Error {
  override readonly name = 'OwnerFailed';
  readonly code = 'OWNER_FAILED';
}

/** Asks the owner of a mall, whichever process that is. Rejects with OwnerAway, OwnerFailed or OperationRefused. */
export class OwnerClient {
  readonly #nats: NatsConnection;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  async settle(
    mall: string,
    days: { from?: string; to?: string; dates?: readonly string[] },
  ): Promise<readonly SettledDay[]> {
    const answer = await this.#ask(mall, { kind: 'settle', ...days });
    if (answer.kind !== 'settled')
      throw new OwnerFailed(`asked to settle, the owner of ${mall} answered ${answer.kind}`);
    return answer.days;
  }

  /** Undefined while nothing of the mall's source is kept. */
  async position(mall: string): Promise<string | undefined> {
    const answer = await this.#ask(mall, { kind: 'position' });
    return answer.kind === 'position' ? answer.position : undefined;
  }

  async #ask(mall: string, question: OwnerQuestion): Promise<OwnerAnswer> {
    const answer = await this.#lastAnswer(mall, question);
    if (answer.kind === 'refused') throw new OperationRefused(answer.code, answer.message);
    if (answer.kind === 'away') throw new OwnerAway(mall);
    if (answer.kind === 'failed') throw new OwnerFailed(answer.message);
    return answer;
  }

  #lastAnswer(mall: string, question: OwnerQuestion): Promise<OwnerAnswer> {
    const inbox = createInbox();
    const answers = this.#nats.subscribe(inbox);
    const answer = readAnswer(mall, answers);
    this.#nats.publish(OWNER_SUBJECT(mall, question.kind), JSON.stringify(question), { reply: inbox });
    return answer.finally(() => answers.unsubscribe());
  }
}

/** The answer that is none of `working`. */
async function readAnswer(mall: string, answers: Subscription): Promise<OwnerAnswer> {
  let silence = setTimeout(() => answers.unsubscribe(), SILENCE_MS);
  try {
    for await (const message of answers) {
      clearTimeout(silence);
      if (message.headers?.code === NO_RESPONDERS) break;
      const answer = message.json<OwnerAnswer>();
      if (answer.kind !== 'working') return answer;
      silence = setTimeout(() => answers.unsubscribe(), SILENCE_MS);
    }
  } finally {
    clearTimeout(silence);
  }
  throw new OwnerAway(mall);
}
