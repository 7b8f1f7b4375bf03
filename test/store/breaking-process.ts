/**
 * A process of its own, which may write no file beyond a certain size: opens the file that it is given and commits
 * until the database breaks down, then says what every call answers. One line of output for each thing that happened.
 */
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import { commitOf, DAY, noonOf, type Record } from './examples.ts';

const RECORDS = 30_000;

const { store, broken } = await openDuckDbStore({ file: process.argv[2]!, threads: 2 });
const { codebook, commit } = await store.openMall('broken');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const nameOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'answered',
    (error: Error) => error.name,
  );

let isBroken = false;
const saidSo = broken.then(({ name }) => {
  isBroken = true;
  say(`broken ${name}`);
});
for (let number = commit + 1; !isBroken; number++) {
  // Numbers that do not repeat, so that they cannot be packed.
  const records = Array.from({ length: RECORDS }, (_, i): Record => {
    const device = ((number * RECORDS + i) * 2_654_435_761) % 2 ** 46;
    return [DAY, device, noonOf(DAY) + (device % 3_600), 0, 0, -60];
  });
  const outcome = await nameOf(store.commit(commitOf('broken', number, codebook, records)));
  if (outcome === 'answered') say(`kept ${number}`);
  else say(`commit ${outcome}`);
}
await saidSo;
say(`ping ${await nameOf(store.ping())}`);
say(`question ${await nameOf(store.dayTotals('broken', { from: DAY, to: DAY }))}`);
say(`close ${await nameOf(store.close())}`);
