import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { readNatsSettings } from '../../../src/config/nats-settings.ts';
import { MallLeases } from '../../../src/ingest/leases/mall-leases.ts';
import { openNats } from '../../../src/ingest/nats/nats-connection.ts';
import type { MallLease } from '../../../src/ingest/owned-malls.ts';
import { type NatsServer, startNats } from '../../nats-server.ts';
import { until } from '../../system/until.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MALLS = ['a', 'b', 'c', 'd', 'e'];

/** A process that shares the malls; what time it is there is ours to say. */
interface Member {
  readonly id: string;
  readonly nats: NatsConnection;
  readonly leases: MallLeases;
  readonly held: Map<string, MallLease>;
  close(): Promise<void>;
}

let server: NatsServer;
let members: Member[];
/** Epochs of each mall in the order in which they were given. */
let epochs: Map<string, number[]>;
/** Malls that two members believed to own at one instant. */
let doubles: string[];
let watching: NodeJS.Timeout;
beforeEach(async () => {
  server = await startNats();
  members = [];
  epochs = new Map();
  doubles = [];
  watching = setInterval(() => {
    for (const mall of MALLS) {
      if (members.filter(({ held }) => held.get(mall)?.mayWrite()).length > 1) doubles.push(mall);
    }
  }, 5);
});
afterEach(async () => {
  clearInterval(watching);
  for (const member of members) await member.close().catch(() => undefined);
  await server.dispose();
});

async function join(id: string): Promise<Member> {
  const nats = await openNats(readNatsSettings({ NATS_URL: server.url }, []), { name: id, log });
  const held = new Map<string, MallLease>();
  const leases = await MallLeases.open({
    nats,
    id,
    malls: () => MALLS,
    onGained: (mall, lease) => {
      held.set(mall, lease);
      epochs.set(mall, [...(epochs.get(mall) ?? []), lease.epoch]);
    },
    log,
    stopwatchMs: () => performance.now(),
  });
  let closed = false;
  const member: Member = {
    id,
    nats,
    leases,
    held,
    async close() {
      if (closed) return;
      closed = true;
      await leases.close(async () => undefined);
      await nats.close();
    },
  };
  members.push(member);
  return member;
}

const ownedBy = (...ids: string[]) =>
  members
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ leases }) => leases.owned())
    .sort();

/** Resolves with the milliseconds that it took until these members owned every mall. */
async function shared(...ids: string[]): Promise<number> {
  const fromMs = performance.now();
  await until(`${ids} to own every mall`, () => ownedBy(...ids).join() === MALLS.join(), 30_000);
  return performance.now() - fromMs;
}

function expectSound(): void {
  expect(doubles).toEqual([]);
  for (const given of epochs.values()) {
    expect(given).toEqual([...new Set(given)].sort((x, y) => x - y));
  }
}

test('a member alone owns every mall; one that joins gets its share, and one that leaves hands over at once', async () => {
  await join('one');
  await shared('one');
  const two = await join('two');
  await until('a fair share', () => ownedBy('two').length >= 2 && ownedBy('one').length >= 2, 20_000);
  await shared('one', 'two');
  expect(ownedBy('one').length + ownedBy('two').length).toBe(MALLS.length);
  await two.close();
  expect(await shared('one')).toBeLessThan(5_000);
  expectSound();
}, 60_000);

test('malls of a member that dies are owned again within ten seconds, under higher epochs', async () => {
  const one = await join('one');
  await join('two');
  await until('a fair share', () => ownedBy('one').length >= 2 && ownedBy('two').length >= 2, 20_000);
  // As when its process is killed: it says nothing any more, to anybody.
  await one.nats.close();
  expect(await shared('two')).toBeLessThan(10_000);
  expect([...one.held.values()].filter((lease) => lease.mayWrite())).toEqual([]);
  expectSound();
}, 60_000);

test('while the server hangs or is gone nobody owns anything twice, and afterwards every mall is owned again', async () => {
  await join('one');
  await join('two');
  await shared('one', 'two');
  server.pause();
  await until('every lease to end', () => ownedBy('one', 'two').length === 0, 15_000);
  server.resume();
  await shared('one', 'two');
  await server.kill();
  await server.restart();
  await shared('one', 'two');
  expectSound();
}, 90_000);

test('epochs go on growing when a key was deleted, or purged', async () => {
  const one = await join('one');
  await shared('one');
  await one.close();
  await join('two');
  await shared('two');
  for (const given of epochs.values()) expect(given.length).toBe(2);
  expectSound();
}, 60_000);
