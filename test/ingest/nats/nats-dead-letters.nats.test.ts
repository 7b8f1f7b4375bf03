import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { readNatsSettings } from '../../../src/config/nats-settings.ts';
import { openNats } from '../../../src/ingest/nats/nats-connection.ts';
import { NatsDeadLetters } from '../../../src/ingest/nats/nats-dead-letters.ts';
import { NatsPublisher } from '../../../src/ingest/nats/nats-publisher.ts';
import { DEAD_LETTERS, ensureStreams } from '../../../src/ingest/nats/streams.ts';
import { type NatsServer, startNats } from '../../nats-server.ts';
import { describeDeadLetters } from '../../store/dead-letters.contract.ts';
import type { OpenedLetters } from '../../store/opened-store.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let server: NatsServer;
let nats: NatsConnection;
beforeAll(async () => {
  server = await startNats();
  nats = await openNats(readNatsSettings({ NATS_URL: server.url }, []), { name: 'test', log });
});
afterAll(async () => {
  await nats.close();
  await server.dispose();
});

async function openLetters(): Promise<OpenedLetters> {
  await ensureStreams(nats, { keepDeadLetterDays: 7, probesBytes: 1 << 26, deadLettersBytes: 1 << 26 });
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
