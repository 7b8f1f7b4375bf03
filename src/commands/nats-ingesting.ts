import { randomBytes, randomUUID } from 'node:crypto';
import { Counter, Gauge } from 'prom-client';
import { LineMetrics } from '../ingest/ingest-metrics.ts';
import { MallLeases } from '../ingest/leases/mall-leases.ts';
import { Malls } from '../ingest/malls.ts';
import { NatsDeadLetters } from '../ingest/nats/nats-dead-letters.ts';
import { NatsPublisher } from '../ingest/nats/nats-publisher.ts';
import { type LostRange, openNatsSource, RecordsLost } from '../ingest/nats/nats-source.ts';
import { OwnerService } from '../ingest/nats/owner-service.ts';
import { purgeKept } from '../ingest/nats/purge-kept.ts';
import { StreamIntake } from '../ingest/nats/stream-intake.ts';
import { ensureStreams, PROBES } from '../ingest/nats/streams.ts';
import { readUnowned } from '../ingest/nats/unowned-malls.ts';
import type { Intake } from '../ingest/operations.ts';
import { type MallLease, OwnedMalls } from '../ingest/owned-malls.ts';
import { publishFrames } from '../live/nats-frames.ts';
import { systemClock } from './embedded.ts';
import { type Production, processId } from './nats-production.ts';
import { keepTasks } from './task-upkeep.ts';

/** What a process does that takes records in and folds the malls it owns. */
export interface Ingesting {
  readonly intake: Intake;
  /** Why it cannot do its work now, a sentence each. */
  troubles(): string[];
  /** Hands its malls over, and resolves when all that it took is kept or left to the next owner. */
  close(): Promise<void>;
}

const SOURCE = `nats:${PROBES}`;
/** A lease like those of malls, for what nobody owns. No mall can have this code. */
const UNOWNED = '=unowned';
const PURGE_MS = 30_000;

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
  const metrics = new LineMetrics(registry);
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
    metrics,
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
  const stopTasks = await keepTasks({
    connection: production.influxConnection,
    malls: () => malls.codes(),
    clock: systemClock,
    registry,
    log,
  });
  const stopPurging = purgeNowAndThen(production, malls);
  const isKnown = (code: string) => directories.current().has(code);
  let unowned: Promise<void> = Promise.resolve();
  const gained = (code: string, lease: MallLease) => {
    if (code !== UNOWNED) return owned.gained(code, lease);
    const { signal } = lease;
    unowned = unowned.then(() =>
      readUnowned({ nats, deadLetters, isKnown, records: metrics.records, log, signal }),
    );
  };
  const leases = await MallLeases.open({
    nats,
    id: processId(),
    malls: () => [...directories.current().keys(), UNOWNED],
    onGained: gained,
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
      stopTasks();
      stopPurging();
      await leases.close(async () => {
        await Promise.all([owned.close(), unowned]);
      });
      await malls.close();
      publisher.close();
    },
  };
}

/** A stream that is nearly full is relieved of what is kept; how full it is, is a metric. */
function purgeNowAndThen({ natsConnection, registry, log }: Production, malls: Malls): () => void {
  const filled = new Gauge({
    name: 'footfall_stream_bytes_used_ratio',
    help: 'How full the stream of records is, of the bytes that it may have: 0 to 1.',
    registers: [registry],
  });
  const timer = setInterval(() => {
    const positions = new Map<string, string>();
    for (const code of malls.codes()) {
      const position = malls.find(code)?.line.checkpoint(SOURCE);
      if (position !== undefined) positions.set(code, position);
    }
    purgeKept(natsConnection, positions).then(
      (share) => filled.set(share),
      (error: unknown) => log.error({ err: error }, 'could not see how full the stream is'),
    );
  }, PURGE_MS).unref();
  return () => clearInterval(timer);
}
