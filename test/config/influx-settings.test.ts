import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readInfluxSettings } from '../../src/config/influx-settings.ts';
import { emptyFolder } from './mall-folder.ts';

function read(env: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  const settings = readInfluxSettings(env, problems);
  return { settings, problems };
}

describe('settings of InfluxDB', () => {
  test('are where a server of this machine listens, but for its token', () => {
    expect(read({ INFLUX_TOKEN: 't' })).toEqual({
      settings: { url: 'http://127.0.0.1:8086', token: 't', org: 'footfall', bucketPrefix: '' },
      problems: [],
    });
  });

  test('take the token from a file, without the line feed at its end', async () => {
    const file = join(await emptyFolder(), 'token');
    await writeFile(file, ' t0ken\n');
    expect(read({ INFLUX_TOKEN_FILE: file })).toMatchObject({ settings: { token: 't0ken' }, problems: [] });
    await writeFile(file, '\n');
    expect(read({ INFLUX_TOKEN_FILE: file }).problems).toEqual([
      `INFLUX_TOKEN_FILE names an empty file: ${file}`,
    ]);
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['no token', {}, /^INFLUX_TOKEN is not set; set it, or INFLUX_TOKEN_FILE/],
    ['an empty token', { INFLUX_TOKEN: '' }, /^INFLUX_TOKEN is not set/],
    [
      'both tokens',
      { INFLUX_TOKEN: 'a', INFLUX_TOKEN_FILE: '/b' },
      /^INFLUX_TOKEN and INFLUX_TOKEN_FILE are both set/,
    ],
    [
      'a file that is not there',
      { INFLUX_TOKEN_FILE: '/none' },
      /^INFLUX_TOKEN_FILE names \/none, which cannot be read \(ENOENT\)/,
    ],
    [
      'no address',
      { INFLUX_TOKEN: 't', INFLUX_URL: 'influx:8086' },
      /^INFLUX_URL is "influx:8086"; set it to an address/,
    ],
    [
      'a prefix with a space',
      { INFLUX_TOKEN: 't', INFLUX_BUCKET_PREFIX: 'a b' },
      /^INFLUX_BUCKET_PREFIX is "a b"/,
    ],
  ])('%s is told in one sentence', (_, env, sentence) => {
    const { problems } = read(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
  });
});
