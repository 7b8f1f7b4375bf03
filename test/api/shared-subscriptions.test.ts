import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { HeldPayloads } from '../../src/api/held-payloads.ts';
import { Refusal } from '../../src/query/refusal.ts';
import type { TestServer } from '../http/open-test-server.ts';
import { until } from '../system/until.ts';
import { Channel } from './channel.ts';
import { joined, openClient } from './graphql-over-socket.ts';
import { asked, setScript } from './scripted-questions.ts';

const { openTestServer } = await import('../http/open-test-server.ts');

const POSITIONS = 'subscription { customerPositions(mall: "m") { full left } }';
const TOTALS = 'subscription { presentNow(mall: "m") { footfall } }';

let server: TestServer;
let clients: ReturnType<typeof openClient>[];
beforeEach(async () => {
  server = await openTestServer();
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await server.close();
});

function watch(query: string, variables?: Record<string, unknown>) {
  const client = openClient(server.url);
  clients.push(client);
  return client.iterate(variables ? { query, variables } : { query });
}

const executions = () => asked.filter(({ question }) => question.endsWith('Updates')).length;
const update = (full: boolean, left: readonly number[] = []) => ({ atS: 0, full, positions: [], left });
const told = (full: boolean, left: readonly string[] = []) => ({
  done: false,
  value: { data: { customerPositions: { full, left } } },
});

const present = (footfall: number) => ({ done: false, value: { data: { presentNow: { footfall } } } });

/** A source of positions for each execution, in their order. */
function scriptPositions(...sources: readonly Channel<object>[]): void {
  const left = [...sources];
  setScript({ positionUpdates: () => left.shift() });
}

test('whoever asks the same shares one execution, and hears the same', async () => {
  const updates = new Channel<object>();
  scriptPositions(updates);
  const readers = [watch(POSITIONS), watch(POSITIONS), watch(POSITIONS)];
  const first = readers.map((reader) => reader.next());
  await joined(server.url, 3);
  updates.push(update(true));
  expect(await Promise.all(first)).toEqual([told(true), told(true), told(true)]);
  updates.push(update(false, [1]));
  for (const reader of readers) expect(await reader.next()).toEqual(told(false, ['0000000001']));
  expect(executions()).toBe(1);
});

test.each([
  ['another text', POSITIONS.replace('full', 'at full')],
  ['another variable', 'subscription ($mall: String!) { customerPositions(mall: $mall) { full left } }'],
])('%s is another question', async (_what, query) => {
  scriptPositions(new Channel(), new Channel());
  void watch(POSITIONS).next();
  void watch(query, { mall: 'm' }).next();
  await until('both executions', () => executions() === 2);
});

test('who comes later is told all, by an execution that ends at once, and then what changes', async () => {
  const updates = new Channel<object>();
  const whole = new Channel<object>();
  scriptPositions(updates, whole);
  const early = watch(POSITIONS);
  updates.push(update(true));
  await early.next();
  updates.push(update(false, [1]));
  await early.next();
  whole.push(update(true, [7]));
  const late = watch(POSITIONS);
  expect(await late.next()).toEqual(told(true, ['0000000007']));
  await whole.ended;
  updates.push(update(false, [2]));
  expect(await Promise.all([early.next(), late.next()])).toEqual([
    told(false, ['0000000002']),
    told(false, ['0000000002']),
  ]);
  expect(executions()).toBe(2);
});

test('where each answer tells all, who comes later has one of now, one execution for however many', async () => {
  const days = new Channel<string>();
  const later = new Channel<string>();
  const sources = [days, later];
  let footfall = 0;
  setScript({
    dayUpdates: () => sources.shift(),
    presentNow: () => ({ footfall: ++footfall, asOfS: 0, stale: false }),
  });
  const early = watch(TOTALS);
  for (let i = 1; i <= 3; i++) {
    days.push('2024-06-14');
    expect(await early.next()).toMatchObject({ value: { data: { presentNow: { footfall: i } } } });
  }
  later.push('2024-06-14');
  const late = [watch(TOTALS), watch(TOTALS), watch(TOTALS)];
  for (const reader of late) expect(await reader.next()).toEqual(present(4));
  days.push('2024-06-14');
  for (const reader of [early, ...late]) expect(await reader.next()).toEqual(present(5));
  expect(executions()).toBe(2);
});

test('an execution ends with its last reader, and the next one begins anew', async () => {
  const [updates, next] = [new Channel<object>(), new Channel<object>()];
  scriptPositions(updates, next);
  const [one, other] = [watch(POSITIONS), watch(POSITIONS)];
  const both = [one.next(), other.next()];
  await joined(server.url, 2);
  updates.push(update(true));
  await Promise.all(both);
  let hasEnded = false;
  void updates.ended.then(() => {
    hasEnded = true;
  });
  await clients[0]!.dispose();
  updates.push(update(false, [3]));
  expect(await other.next()).toEqual(told(false, ['0000000003']));
  expect(hasEnded).toBe(false);
  await clients[1]!.dispose();
  await updates.ended;
  next.push(update(true, [4]));
  expect(await watch(POSITIONS).next()).toEqual(told(true, ['0000000004']));
});

test('a failure ends it for all, with its code, and who asks again begins anew', async () => {
  let fail: ((error: Error) => void) | undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const failing = async function* () {
    await begun;
    yield update(true);
    await new Promise((_resolve, reject) => {
      fail = reject;
    });
  };
  const sources = [failing(), new Channel<object>()];
  setScript({ positionUpdates: () => sources.shift() });
  const readers = [watch(POSITIONS), watch(POSITIONS)];
  const first = readers.map((reader) => reader.next());
  await joined(server.url, 2);
  begin();
  await Promise.all(first);
  const ends = readers.map((reader) => reader.next().catch((errors: unknown) => errors));
  await until('the next answer to be asked for', () => fail !== undefined);
  fail!(new Refusal('UNKNOWN_MALL', 'no such mall'));
  for (const end of await Promise.all(ends)) {
    expect(JSON.stringify(end)).toContain('"code":"UNKNOWN_MALL"');
  }
  void watch(POSITIONS).next();
  await until('another execution', () => executions() === 2);
});

test('what stands for a payload is known to its own socket alone, and to the end of a message', () => {
  const [held, other] = [new HeldPayloads(), new HeldPayloads()];
  const bytes = Buffer.from('{"data":{"ü":1}}');
  const message = JSON.stringify({ id: '1', type: 'next', payload: held.hold(bytes) });
  expect(other.put(message)).toEqual([message]);
  const inside = `${message} `;
  expect(held.put(inside)).toEqual([inside]);
  expect(JSON.parse(held.put(message).join(''))).toEqual({
    id: '1',
    type: 'next',
    payload: { data: { ü: 1 } },
  });
  expect(held.put(message)).toEqual([message]);
  expect(held.put('{"type":"pong"}')).toEqual(['{"type":"pong"}']);
});
