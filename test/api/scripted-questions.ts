import { jest } from '@jest/globals';

type Question = (args: never) => unknown;

/**
 * The questions of src/query/ as this test would have them answered, by name. A question without a script fails.
 * Import this before anything that imports src/api/.
 */
export const script: Record<string, Question | undefined> = {};

/** What was asked since the script was last set, in order. */
export const asked: { readonly question: string; readonly args: unknown }[] = [];

export function setScript(questions: Record<string, Question>): void {
  for (const name of Object.keys(script)) delete script[name];
  Object.assign(script, questions);
  asked.length = 0;
}

function answer(question: string, args: unknown): unknown {
  asked.push({ question, args });
  const scripted = script[question] as ((args: unknown) => unknown) | undefined;
  if (!scripted) throw new Error(`${question} is not in the script`);
  return scripted(args);
}

const QUESTIONS = [
  'access-points',
  'customer',
  'customer-positions',
  'customer-shops',
  'customer-track',
  'density',
  'density-history',
  'favorite-shop',
  'favorite-shops',
  'hourly-footfall',
  'ingest',
  'mall',
  'mall-footfall',
  'malls',
  'new-customers',
  'peak-hour',
  'present-now',
  'repeat-shops',
  'shop-footfall',
  'top-shops',
];
for (const file of QUESTIONS) {
  const name = camel(file);
  jest.unstable_mockModule(`../../src/query/${file}.ts`, () => ({
    [name]: async (_ask: unknown, args: unknown) => answer(name, args),
  }));
}
for (const file of ['position-updates', 'density-updates']) {
  const name = camel(file);
  jest.unstable_mockModule(`../../src/query/${file}.ts`, () => ({
    [name]: (_ask: unknown, args: unknown) => answer(name, args),
  }));
}

/** Stands for the real one: asks once for each day that the script says is today. */
jest.unstable_mockModule('../../src/query/day-updates.ts', () => ({
  dayUpdates: async function* (_ask: unknown, mall: string, question: (today: string) => Promise<unknown>) {
    for await (const today of answer('dayUpdates', mall) as AsyncIterable<string>)
      yield await question(today);
  },
}));

function camel(file: string): string {
  return file.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
}
