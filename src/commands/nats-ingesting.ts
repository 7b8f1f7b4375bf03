import { randomBytes, randomUUID } from 'node:crypto';
import { Counter } from 'prom-client';
import { LineMetrics } from '../ingest/ingest-metrics.ts';
import { MallLeases } from '../ingest/leases/mall-leases.ts';
import { Malls } from '../ingest/malls.ts';
import { NatsDeadLetters } from '../ingest/nats/nats-dead-letters.ts';
import { NatsPublisher } from '../ingest/nats/nats-publisher.ts';
import { type LostRange, openNatsSource, RecordsLost } from '../ingest/nats/nats-source.ts';
import { OwnerService } from '../ingest/nats/owner-service.ts';
import { StreamIntake } from '../ingest/nats/stream-intake.ts';
import { ensureStreams, PROBES } from '../ingest/nats/streams.ts';
import type { Intake } from '../ingest/operations.ts';
import { OwnedMalls } from '../ingest/owned-malls.ts';
import { publishFrames } from '../live/nats-frames.ts';
import { systemClock } from './embedded.ts';
import { type Production, processId } from './nats-production.ts';

/** What a process does that takes records in and folds the malls it owns. */
export interface Ingesting {
  readonly intake: Intake;
  /** Why it cannot do its work now, a sentence each. */
  troubles(): string[];
  /** Hands its malls over, and resolves when all that it took is kept or left to the next owner. */
  close(): Promise<void>;
}

const SOURCE = `nats:${PROBES}`;

/** Makes or checks the streams, then shares the malls with the other ingesters. Rejects with StreamUnfit. */
export async function openIngesting(production: Production): Promise<Ingesting> {
  const { settings, natsConnection: nats, store, directories, registry, log } = production;
  const { keepRawDays, keepCustomerDays, keepDeadLetterDays, secretsFolder, onLoss } = settings;
  const stopwatchMs = () => performance.now();
  await ensureStreams(nats, { keepDeadLetterDays });
  const publisher = new NatsPublisher({ nats, stopwatchMs, newId: randomUUID });
  const deadLetters = new NatsDeadLetters(nats, publisher);
  const lostMessages = new Counter({
    name: 'footfall_stream_lost_messages_total',
    help: 'Sequences of the stream that went before their mall had read them; of a stream made anew, 1.',
    labelNames: ['mall', 'reason'],
    registers: [registry],
  });
  const onLost = ({ mall, reason, from, until }: LostRange) =>
    lostMessages.inc({ mall, reason }, until === null ? 1 : until - from + 1);
  const malls = await Malls.open({
    directories,
    secretsFolder,
    mayCreateSecrets: false,
    store,
    presence: store,
    deadLetters,
    clock: systemClock,
    stopwatchMs,
    random: randomBytes,
    keepRawDays,
    keepCustomerDays,
    keepDeadLetterDays,
    metrics: new LineMetrics(registry),
    log,
  });
  const owner = new OwnerService({
    nats,
    log,
    malls: {
      settle: (mall, { dates, ...range }) =>
        dates === undefined ? malls.settle(mall, range) : malls.settleDays(mall, dates),
      position: (mall) => malls.find(mall)?.line.checkpoint(SOURCE),
    },
  });
  const owned = new OwnedMalls({
    malls,
    sourceOf: (mall) =>
      openNatsSource({ nats, mall, onLoss, onLost, log, stopwatchMs, nowS: () => systemClock.nowS() }),
    onOpened: (mall) => {
      const { code, codebook, epoch, live } = mall;
      const stopFrames = publishFrames({
        nats,
        mall: code,
        epoch,
        live,
        codebook,
        rowsAsOfS: (day) => mall.rowsAsOfS(day),
      });
      owner.serve(code);
      return () => {
        stopFrames();
        owner.stop(code);
      };
    },
    isFinal: (error) => error instanceof RecordsLost,
    registry,
    log,
    stopwatchMs,
    chance: Math.random,
  });
  const leases = await MallLeases.open({
    nats,
    id: processId(),
    malls: () => [...directories.current().keys()],
    onGained: (mall, lease) => owned.gained(mall, lease),
    log,
    stopwatchMs,
  });
  malls.start();
  return {
    intake: new StreamIntake({
      mall: (code) => directories.current().get(code),
      publisher,
      deadLetters,
      keepRawDays,
    }),
    troubles: () => [
      ...malls.troubles(),
      ...owned.unfed().map((mall) => `mall ${mall} is being opened, or waits for an operator`),
    ],
    async close() {
      await leases.close(() => owned.close());
      await malls.close();
      publisher.close();
    },
  };
}
