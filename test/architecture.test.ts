import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const SRC = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');

/** Rooms by level: a room may use those of lower levels, and of its own level only itself; leaves may use leaves. */
const LEVELS: readonly (readonly string[])[] = [
  [
    'terms',
    'outcome',
    'codebook',
    'changed-parts',
    'calendar',
    'zone-offsets',
    'windows',
    'mac',
    'sightings',
    'trace',
  ],
  ['config', 'decode', 'fold', 'store', 'live'],
  ['ingest', 'query', 'access'],
  ['api'],
  ['http'],
  ['commands'],
  ['main'],
];

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly lines: number;
  readonly imports: readonly string[];
}

const files = readSources(SRC);

describe('rooms', () => {
  test('every arrow points to a lower level', () => {
    const wrong: string[] = [];
    for (const file of files) {
      for (const imported of file.imports.filter((name) => name.startsWith('.'))) {
        const target = roomOf(relative(SRC, join(dirname(join(SRC, file.path)), imported)));
        const arrow = `${file.room} -> ${target}`;
        if (target === file.room) continue;
        const leaves = levelOf(file.room) === 0 && levelOf(target) === 0;
        if (levelOf(target) >= levelOf(file.room) && !leaves) wrong.push(`${file.path}: ${arrow}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the fold knows no clock, no package and no built-in module', () => {
    const outside = files
      .filter(({ room }) => room === 'fold')
      .flatMap(({ path, imports }) =>
        imports.filter((name) => !name.startsWith('.')).map((name) => `${path}: ${name}`),
      );
    expect(outside).toEqual([]);
  });

  test.each([
    ['a database', /^@duckdb\/|^@influxdata\//, (path: string) => path.startsWith('store/')],
    [
      'NATS',
      /^@nats-io\//,
      (path: string) => /^(ingest|live)\//.test(path) || /\/nats-[^/]*\.ts$/.test(path),
    ],
    [
      'Apollo, TypeGraphQL and graphql-ws',
      /^(@apollo\/|type-graphql|graphql-ws)/,
      (path: string) => path.startsWith('api/'),
    ],
  ])('only its own room knows %s', (_name, pattern, mayImport) => {
    const wrong = files
      .filter(({ path }) => !mayImport(path))
      .flatMap(({ path, imports }) =>
        imports.filter((name) => pattern.test(name)).map((name) => `${path}: ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  test('time and chance come in by the door of the rooms that decode, fold, store and answer', () => {
    const wrong = files
      .filter(({ room }) => ['decode', 'fold', 'store', 'query', 'live'].includes(room))
      .filter(({ path }) =>
        /Date\.now\(|Math\.random\(|new Date\(\)/.test(readFileSync(join(SRC, path), 'utf8')),
      )
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  test('none is over 400 lines', () => {
    const all = [...files, ...readSources(join(dirname(SRC), 'test'))];
    expect(all.filter(({ lines }) => lines > 400).map(({ path }) => path)).toEqual([]);
  });

  test('no import cycle', () => {
    const graph = new Map(
      files.map(({ path, imports }) => [
        path,
        imports
          .filter((name) => name.startsWith('.'))
          .map((name) => relative(SRC, join(dirname(join(SRC, path)), name))),
      ]),
    );
    expect(cycleIn(graph)).toEqual([]);
  });
});

function readSources(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8');
      const imports = [
        ...text.matchAll(
          /(?:^|\n)(?:import|export)\b[^;]*?from '([^']+)'|(?:^|\n)import '([^']+)'|\bimport\('([^']+)'\)/g,
        ),
      ];
      return {
        path,
        room: roomOf(path),
        lines: text.split('\n').length,
        imports: imports.map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!),
      };
    });
}

function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '');
}

function levelOf(room: string): number {
  const level = LEVELS.findIndex((rooms) => rooms.includes(room));
  if (level < 0)
    throw new Error(`room ${room} has no level; give it one in this test and a line in src/README.md`);
  return level;
}

/** The files of one cycle, or none. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
