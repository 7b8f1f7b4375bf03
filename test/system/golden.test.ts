import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Served } from '../../src/commands/serve.ts';
import { expectGoldenAnswers } from './golden-answers.ts';
import { GOLDEN_MALLS, type GoldenMall, probesOf, truthOf } from './golden-files.ts';
import { createHome, filesOf, type Home, post, startSystem } from './system.ts';

let home: Home | undefined;
let served: Served | undefined;

afterEach(async () => {
  await served?.close();
  home?.remove();
  served = undefined;
  home = undefined;
});

async function open(mall: GoldenMall): Promise<Served> {
  home = createHome([mall]);
  served = await startSystem(home);
  return served;
}

const linesOf = (mall: GoldenMall) => probesOf(mall).toString('latin1').trimEnd().split('\n');
const inLines = (lines: readonly string[]) => Buffer.from(lines.join('\n'), 'latin1');

jest.setTimeout(180_000);

describe.each(GOLDEN_MALLS)('%s', (mall) => {
  test('imported, every answer over GraphQL is the golden one, and the counts are the true ones', async () => {
    const { url, embedded } = await open(mall);
    const result = await embedded.malls.importFiles(mall, filesOf(probesOf(mall)), () => undefined);
    const truth = truthOf(mall);
    expect([result.lines, result.kept]).toEqual([truth.lines, truth.kept]);
    if (truth.dropped !== undefined) expect(result.dropped).toEqual(truth.dropped);
    expect(result.days).toEqual(truth.dates.map((date) => ({ date, state: 'settled' })));
    await expectGoldenAnswers(url, mall);
  });

  test('imported in another order, and every record twice, the answers are the same', async () => {
    const { url, embedded } = await open(mall);
    const lines = linesOf(mall);
    const shuffled = shuffle([...lines, ...lines]);
    await embedded.malls.importFiles(mall, filesOf(inLines(shuffled)), () => undefined);
    await expectGoldenAnswers(url, mall);
  });

  test('posted over HTTP in bodies, then settled, the answers are the same', async () => {
    const { url, embedded } = await open(mall);
    const lines = linesOf(mall);
    let kept = 0;
    for (let i = 0; i < lines.length; i += 2_000) {
      const { status, answer } = await post(url, mall, inLines(lines.slice(i, i + 2_000)));
      expect(status).toBe(200);
      kept += answer.kept;
    }
    expect(kept).toBe(truthOf(mall).kept);
    await embedded.malls.settle(mall, {});
    await expectGoldenAnswers(url, mall);
  });

  test('half posted, closed, opened again, and the rest posted, the answers are the same', async () => {
    const { url } = await open(mall);
    const lines = linesOf(mall);
    const half = Math.floor(lines.length / 2);
    expect((await post(url, mall, inLines(lines.slice(0, half)))).status).toBe(200);
    await served!.close();
    served = await startSystem(home!);
    expect((await post(served.url, mall, inLines(lines.slice(half)))).status).toBe(200);
    await served.embedded.malls.settle(mall, {});
    await expectGoldenAnswers(served.url, mall);
  });
});

/** Fisher and Yates, with a fixed linear congruential generator: the same order in every run. */
function shuffle<T>(items: T[]): T[] {
  let state = 42;
  for (let i = items.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = state % (i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
