import { setTimeout as pause } from 'node:timers/promises';
import { BENCH_MALL } from './bench-mall.ts';
import type { HttpClient } from './http-client.ts';
import type { LiveRecords } from './live-records.ts';

export interface Pace {
  readonly recordsPerSecond: number;
  readonly bodyRecords: number;
}

/** What became of the bodies of a while. */
export interface Posted {
  /** Milliseconds of each body that was taken. */
  readonly times: number[];
  /** Bodies that were turned away with 503. */
  refused: number;
}

/**
 * Posts at a pace that does not wait for answers: a slow answer delays no later body, and a body's time counts from
 * the moment it was due. Resolves once `isOver` says so and every body is answered.
 */
export async function postSteadily(
  client: HttpClient,
  records: LiveRecords,
  { recordsPerSecond, bodyRecords }: Pace,
  isOver: (elapsedMs: number) => boolean,
): Promise<Posted> {
  const everyMs = (bodyRecords / recordsPerSecond) * 1_000;
  const startedMs = performance.now();
  const posted: Posted = { times: [], refused: 0 };
  const answered: Promise<void>[] = [];
  let failure: unknown;
  for (let nth = 0; failure === undefined && !isOver(performance.now() - startedMs); nth++) {
    const dueMs = startedMs + nth * everyMs;
    const body = records.body(bodyRecords, Math.floor(Date.now() / 1_000));
    // At least a turn of the event loop: one that is late must still read the answers.
    await pause(Math.max(0, dueMs - performance.now()));
    const answer = client.offerRecords(BENCH_MALL, body).then(
      ({ status }) => {
        if (status === 200) posted.times.push(performance.now() - dueMs);
        else posted.refused++;
      },
      (error: unknown) => {
        failure = error;
      },
    );
    answered.push(answer);
  }
  await Promise.all(answered);
  if (failure !== undefined) throw failure;
  return posted;
}

/** Keeps posting while a task runs. */
export async function whilePosting<T>(
  client: HttpClient,
  records: LiveRecords,
  pace: Pace,
  task: () => Promise<T>,
): Promise<T> {
  let over = false;
  const posting = postSteadily(client, records, pace, () => over);
  try {
    return await Promise.race([
      task(),
      posting.then(() => Promise.reject(new Error('posting ended too early'))),
    ]);
  } finally {
    over = true;
    await posting.catch(() => undefined);
  }
}
