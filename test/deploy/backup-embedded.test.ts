import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask, createHome, filesOf, type Home, startSystem } from '../system/system.ts';
import { DEPLOY, ROOT } from './deployed-files.ts';

const MALL = 'shanghai';
const QUESTION = `{
  mallFootfall(mall: "${MALL}", from: "2024-06-14", to: "2024-06-15") { date footfall newCustomers settled }
  shopFootfall(mall: "${MALL}", from: "2024-06-14", to: "2024-06-15") { date shop { code name } footfall entered }
  favoriteShops(mall: "${MALL}", date: "2024-06-14", first: 500) { nodes { customer shop { code } visits } }
}`;

let home: Home;
beforeEach(() => {
  home = createHome([MALL]);
});
afterEach(() => home.remove());

const script = (name: string, ...args: string[]) =>
  spawnSync(join(DEPLOY, 'backup', name), args, { encoding: 'utf8' });

async function answers(env: Record<string, string>): Promise<unknown> {
  const system = await startSystem({ ...home, env: { ...home.env, ...env } });
  try {
    return await ask(system.url, QUESTION);
  } finally {
    await system.close();
  }
}

describe('backup of the embedded shape', () => {
  test('what is restored into empty folders gives the same answers, of the same customers', async () => {
    const { FOOTFALL_DATA: data, FOOTFALL_MALLS: malls } = home.env as Record<string, string>;
    const system = await startSystem(home);
    const records = readFileSync(join(ROOT, 'test/golden', MALL, 'probes.ndjson.gz'));
    await system.embedded.malls.importFiles(MALL, filesOf(records), () => undefined);
    const before = await ask(system.url, QUESTION);
    await system.close();

    const backup = join(home.folder, 'backup');
    expect(script('embedded-backup.sh', data!, malls!, backup)).toMatchObject({ status: 0, stderr: '' });
    const env = { FOOTFALL_DATA: join(home.folder, 'data2'), FOOTFALL_MALLS: join(home.folder, 'malls2') };
    const restored = script('embedded-restore.sh', backup, env.FOOTFALL_DATA, env.FOOTFALL_MALLS);
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(before).toHaveProperty('mallFootfall.1.footfall');
    expect(await answers(env)).toEqual(before);
  });

  test('a running server is not copied', () => {
    const data = home.env.FOOTFALL_DATA!;
    writeFileSync(
      join(data, 'server.json'),
      JSON.stringify({ url: 'http://x', token: 'x', pid: process.pid }),
    );
    const { status, stderr } = script(
      'embedded-backup.sh',
      data,
      home.env.FOOTFALL_MALLS!,
      join(home.folder, 'b'),
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('stop it')]);
  });

  test('nothing is restored over what is there, nor from a copy that was damaged', () => {
    const backup = join(home.folder, 'backup');
    const [data, malls] = [home.env.FOOTFALL_DATA!, home.env.FOOTFALL_MALLS!];
    execFileSync(join(DEPLOY, 'backup', 'embedded-backup.sh'), [data, malls, backup]);
    const over = script('embedded-restore.sh', backup, data, malls);
    expect([over.status, over.stderr]).toEqual([1, expect.stringContaining('is not empty')]);
    appendFileSync(join(backup, 'data.tar.gz'), 'x');
    const empty = join(home.folder, 'empty');
    mkdirSync(empty);
    expect(script('embedded-restore.sh', backup, empty, join(empty, 'malls')).status).not.toBe(0);
  });
});
