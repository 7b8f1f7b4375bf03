import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { NatsDeadLetters } from '../../../src/ingest/nats/nats-dead-letters.ts';
import { NatsPublisher } from '../../../src/ingest/nats/nats-publisher.ts';
import { DEAD_LETTERS } from '../../../src/ingest/nats/streams.ts';
import { type ConnectedNats, connectedNats, ensureSmallStreams } from '../../connected-nats.ts';
import { describeDeadLetters } from '../../store/dead-letters.contract.ts';
import type { OpenedLetters } from '../../store/opened-store.ts';

let opened: ConnectedNats;
beforeAll(async () => {
  opened = await connectedNats();
});
afterAll(() => opened.dispose());

async function openLetters(): Promise<OpenedLetters> {
  const { nats } = opened;
  await ensureSmallStreams(nats);
  const publisher = new NatsPublisher({ nats, stopwatchMs: () => performance.now(), newId: randomUUID });
  return {
    deadLetters: new NatsDeadLetters(nats, publisher),
    async reopen() {
      publisher.close();
      return openLetters();
    },
    async dispose() {
      publisher.close();
      await (await jetstreamManager(nats)).streams.purge(DEAD_LETTERS);
    },
  };
}

describe('dead letters on a stream', () => describeDeadLetters(openLetters));
