import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { PROBES, probesSubject } from './streams.ts';

/** Above this share of its bytes the stream is relieved of what is kept. */
const FULL_SHARE = 0.8;

/** How full the stream is, 0 to 1; 0 where it has no bound. */
export async function streamFilled(nats: NatsConnection): Promise<number> {
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const { config, state } = await manager.streams.info(PROBES);
  return config.max_bytes > 0 ? state.bytes / config.max_bytes : 0;
}

/**
 * Removes messages of our own malls that are kept already, when the stream is nearly full; never one behind a position.
 * `positions` are those of sources, by mall.
 */
export async function purgeKept(
  nats: NatsConnection,
  positions: ReadonlyMap<string, string>,
): Promise<number> {
  const filled = await streamFilled(nats);
  if (filled < FULL_SHARE) return filled;
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const { created } = await manager.streams.info(PROBES);
  for (const [mall, text] of positions) {
    const { stream, sequence } = JSON.parse(text) as { stream: string; sequence: number };
    // Of a stream that was made anew the position says nothing.
    if (stream === created)
      await manager.streams.purge(PROBES, { filter: probesSubject(mall), seq: sequence + 1 });
  }
  return streamFilled(nats);
}
