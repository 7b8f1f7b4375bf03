import type { Commit } from '../store.ts';
import { appendRows } from './append-rows.ts';
import { putArrival, putIngestDay } from './day-books.ts';
import { type OpenedMall, writeCodebook } from './kept-malls.ts';
import { KeyedTable } from './keyed-table.ts';
import type { Session } from './session.ts';
import { inTransaction } from './writer.ts';

const checkpoints = new KeyedTable('checkpoint', ['mall', 'source'], ['position']);
const commitNumbers = new KeyedTable('mall_commit', ['mall'], ['commit_number']);

/** One batch, in one transaction; a number that is kept already changes nothing. */
export async function writeCommit(session: Session, mall: OpenedMall, commit: Commit): Promise<void> {
  if (commit.number <= mall.commit) return;
  const { number } = mall;
  const kept = await inTransaction(session, async () => {
    const codebookKept = await writeCodebook(session, mall, commit.codebook);
    const { length, day, device, occurredAtS, shop, accessPoint, signalDbm } = commit.sightings;
    await appendRows(session, 'raw', length, [
      number,
      day,
      device,
      occurredAtS,
      shop,
      accessPoint,
      signalDbm,
    ]);
    for (const arrival of commit.arrivals) await putArrival(session, number, arrival);
    for (const counters of commit.ingestDays) await putIngestDay(session, number, counters);
    for (const [source, position] of commit.checkpoints) {
      await checkpoints.put(session, [number, source, position]);
    }
    await commitNumbers.put(session, [number, commit.number]);
    return codebookKept;
  });
  Object.assign(mall, kept, { commit: commit.number });
  for (const arrival of commit.arrivals) mall.days.arrived(arrival);
}
