import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { runCommand } from '../../src/commands/run-command.ts';
import { INFLUX_SETTINGS_HELP } from '../../src/config/influx-settings.ts';
import { NATS_SETTINGS_HELP } from '../../src/config/nats-settings.ts';
import { SETTINGS_HELP } from '../../src/config/settings.ts';
import { filesUnder, textOf, yamlOf } from './deployed-files.ts';

/** Streams, buckets and variables of others that look like settings. */
const NO_SETTINGS = ['FOOTFALL_LEASES', 'FOOTFALL_KEYS'];

const FILES = ['Dockerfile', 'docker-compose.yml', ...filesUnder('deploy')];
const known: readonly string[] = [
  ...[...SETTINGS_HELP, ...INFLUX_SETTINGS_HELP, ...NATS_SETTINGS_HELP].map(({ name }) => name),
];

describe('what deploy/ says to Footfall', () => {
  test.each(FILES)('%s names no setting that there is not', (path) => {
    const names = textOf(path).match(/(?<![A-Z_])(FOOTFALL|INFLUX|NATS)_[A-Z_]+(?![a-z])/g) ?? [];
    expect(names.filter((name) => !known.includes(name) && !NO_SETTINGS.includes(name))).toEqual([]);
  });

  test('its commands are commands of footfall', async () => {
    const commands = await listedCommands();
    const { services } = yamlOf<{
      services: Record<string, { image: string; command?: string[]; entrypoint?: string[] }>;
    }>('docker-compose.yml');
    const started = Object.values(services)
      .filter(({ image, entrypoint }) => image.includes('footfall') && entrypoint === undefined)
      .map(({ command }) => command![0]);
    expect(started.sort()).toEqual(['api', 'doctor', 'ingest']);
    const written = FILES.flatMap((path) =>
      [...textOf(path).matchAll(/(?:`footfall|dist\/main\.js|run --rm doctor) ([a-z][a-z-]*)/g)].map(
        ([, name]) => name!,
      ),
    );
    expect(written.length).toBeGreaterThan(10);
    for (const name of [...started, ...written]) expect(commands).toContain(name);
  });
});

async function listedCommands(): Promise<string[]> {
  let help = '';
  const stdout = new Writable({
    write: (bytes, _encoding, done) => {
      help += String(bytes);
      done();
    },
  });
  await runCommand(['--help'], { env: {}, stdin: process.stdin, stdout, stderr: stdout });
  return [...help.matchAll(/^ {2}([a-z-]+)(?: \[| {2,})/gm)].map(([, name]) => name!);
}
