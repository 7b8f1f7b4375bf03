import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';

export const PROBES = 'PROBES';
export const DEAD_LETTERS = 'PROBES_DLQ';
export const probesSubject = (mall: string) => `probes.${mall}`;
export const deadLettersSubject = (mall: string) => `dlq.probes.${mall}`;

const HOUR_MS = 3_600_000;
const PROBES_HOURS = 72;
const PROBES_BYTES = 64 * 2 ** 30;
const DEAD_LETTERS_BYTES = 4 * 2 ** 30;
const MESSAGE_BYTES = 1 << 20;
const REPEATS_KNOWN_MS = 120_000;
const NOT_FOUND = 10_059;
const NO_ROOM = 10_047;
/** A stream smaller than this holds no outage worth the name. */
const BYTES_MIN = 256 * 2 ** 20;

/** A stream that is there cannot do the job. The message says what mends it. */
export class StreamUnfit extends Error {
  override readonly name = 'StreamUnfit';
  readonly code = 'STREAM_UNFIT';
}

export interface StreamOptions {
  readonly keepDeadLetterDays: number;
  /** Bounds of the two streams, bytes. */
  readonly probesBytes?: number;
  readonly deadLettersBytes?: number;
}

/** Makes the streams that are missing, and refuses those that cannot do the job. */
export async function ensureStreams(nats: NatsConnection, options: StreamOptions): Promise<void> {
  const { keepDeadLetterDays, probesBytes = PROBES_BYTES, deadLettersBytes = DEAD_LETTERS_BYTES } = options;
  const shared = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_msg_size: MESSAGE_BYTES,
    allow_direct: true,
    duplicate_window: nanos(REPEATS_KNOWN_MS),
  };
  await ensure(nats, {
    ...shared,
    name: PROBES,
    description: 'Probe records of every mall, until they are kept',
    subjects: ['probes.*'],
    max_age: nanos(PROBES_HOURS * HOUR_MS),
    max_bytes: probesBytes,
    // A full stream refuses, so that its sender knows: dropping the oldest would drop what nobody has read.
    discard: DiscardPolicy.New,
  });
  await ensure(nats, {
    ...shared,
    name: DEAD_LETTERS,
    description: 'Probe records that were dropped, and why',
    subjects: ['dlq.probes.*'],
    max_age: nanos(keepDeadLetterDays * 24 * HOUR_MS),
    max_bytes: deadLettersBytes,
    discard: DiscardPolicy.Old,
  });
}

type Wanted = Partial<StreamConfig> &
  Pick<StreamConfig, 'name' | 'subjects' | 'discard' | 'max_bytes' | 'max_age'>;

async function ensure(nats: NatsConnection, wanted: Wanted): Promise<void> {
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const found = await manager.streams.info(wanted.name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === NOT_FOUND) return undefined;
    throw error;
  });
  if (found === undefined) return add(manager, wanted);
  const unfit = whatIsUnfit(found, wanted);
  if (unfit !== undefined) throw new StreamUnfit(`the stream ${wanted.name} ${unfit}`);
}

/** With as many bytes as the server has room for: it sets them aside at once. */
async function add(manager: JetStreamManager, wanted: Wanted): Promise<void> {
  for (let bytes = wanted.max_bytes; ; bytes = Math.floor(bytes / 2)) {
    try {
      await manager.streams.add({ ...wanted, max_bytes: bytes });
      return;
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== NO_ROOM) throw error;
      if (bytes / 2 < BYTES_MIN) {
        throw new StreamUnfit(
          `the server has no room for the stream ${wanted.name}: give JetStream more of the disk (max_file_store)`,
        );
      }
    }
  }
}

function whatIsUnfit(
  { config }: StreamInfo,
  { name, subjects, discard, max_age }: Wanted,
): string | undefined {
  const edit = (flags: string) => `run: nats stream edit ${name} ${flags}`;
  const [subject] = subjects;
  if (config.sealed)
    return 'is sealed, so that nothing can be added; delete it when its records are no longer needed';
  if (config.mirror !== undefined) return 'mirrors another stream; point NATS_URL to where that one is';
  if (!config.subjects?.includes(subject!)) {
    return `hears ${config.subjects?.join(', ') || 'nothing'} and not ${subject}; ${edit(`--subjects "${subject}"`)}`;
  }
  if (config.storage !== StorageType.File) {
    return 'lies in memory, and loses records with a restart; delete it, and it is made anew as a file';
  }
  if (config.retention !== RetentionPolicy.Limits) {
    return 'forgets messages when they are acknowledged; delete it, and it is made anew';
  }
  if (config.discard !== discard) {
    const why =
      discard === DiscardPolicy.New
        ? 'drops records that nobody has read once it is full'
        : 'refuses once it is full';
    return `${why}; ${edit(`--discard ${discard}`)}`;
  }
  if (discard === DiscardPolicy.New && config.max_age !== 0 && config.max_age < max_age / 3) {
    return `forgets after ${Math.round(config.max_age / 3.6e12)} hours what an outage may last; ${edit('--max-age 72h')}`;
  }
  return undefined;
}
