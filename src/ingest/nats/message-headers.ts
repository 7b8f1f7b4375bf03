import { DROP_REASONS, type DropCounts } from '../../outcome.ts';

/** Headers of messages on `probes.<mall>`. */

/** When the records were received, epoch seconds; without it, the stream's own time of the message counts. */
export const RECEIVED = 'Footfall-Received';
/** The run of an import that the records are part of. */
export const IMPORT = 'Footfall-Import';
/** Records that were dropped where these came in, by reason, as JSON. */
export const DROPPED = 'Footfall-Dropped';

const SECONDS = /^\d{1,10}$/;

/** Undefined for what nobody of ours has written. */
export function receivedOf(text: string | undefined): number | undefined {
  return text !== undefined && SECONDS.test(text) ? Number(text) : undefined;
}

export function droppedOf(text: string | undefined): DropCounts | undefined {
  if (!text) return undefined;
  const dropped: DropCounts = {};
  try {
    const given = JSON.parse(text) as Record<string, unknown>;
    for (const reason of DROP_REASONS) {
      const count = given[reason];
      if (Number.isSafeInteger(count) && (count as number) > 0) dropped[reason] = count as number;
    }
  } catch {
    return undefined;
  }
  return dropped;
}
