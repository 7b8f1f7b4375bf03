import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { NoLongerOwner } from '../../../src/ingest/fenced-store.ts';
import { OwnerAway, OwnerClient, OwnerFailed } from '../../../src/ingest/nats/owner-client.ts';
import { type OwnedMalls, OwnerService } from '../../../src/ingest/nats/owner-service.ts';
import { OperationRefused } from '../../../src/ingest/operations.ts';
import { type ConnectedNats, connectedNats, QUIET } from '../../connected-nats.ts';
import { until } from '../../system/until.ts';

const DAYS = [{ date: '2024-06-14', footfall: 3 }] as unknown as Awaited<ReturnType<OwnedMalls['settle']>>;

let opened: ConnectedNats;
let nats: NatsConnection;
let client: OwnerClient;
let malls: { -readonly [Member in keyof OwnedMalls]: OwnedMalls[Member] };
let service: OwnerService;
let errors: string[];
beforeEach(async () => {
  errors = [];
  opened = await connectedNats();
  nats = await opened.connect();
  client = new OwnerClient(opened.nats);
  malls = { settle: async () => DAYS, position: () => undefined };
  const log = { ...QUIET, error: (_: object, text?: string) => void errors.push(text ?? '') };
  service = new OwnerService({ nats, malls, log });
  service.serve('m');
  await nats.flush();
});
afterEach(() => opened.dispose());

test('the owner is asked what was asked, and its days come back', async () => {
  const asked: unknown[] = [];
  malls.settle = async (...question) => {
    asked.push(question);
    return DAYS;
  };
  expect(await client.settle('m', { from: '2024-06-14', to: '2024-06-15' })).toEqual(DAYS);
  expect(await client.settle('m', { dates: ['2024-06-14'] })).toEqual(DAYS);
  expect(asked).toMatchObject([
    ['m', { from: '2024-06-14', to: '2024-06-15' }],
    ['m', { dates: ['2024-06-14'] }],
  ]);
});

test('a position is told as it is, and one that is not there as nothing', async () => {
  expect(await client.position('m')).toBeUndefined();
  malls.position = (mall) => `of ${mall}`;
  expect(await client.position('m')).toBe('of m');
});

test('a refusal keeps its code and its sentence, and is no error of the owner', async () => {
  malls.settle = () => Promise.reject(new OperationRefused('BAD_DATE', 'the first day comes after the last'));
  await expect(client.settle('m', {})).rejects.toMatchObject({
    name: 'OperationRefused',
    code: 'BAD_DATE',
    message: 'the first day comes after the last',
  });
  expect(errors).toEqual([]);
});

test('a failure is told, and logged where it happened', async () => {
  malls.settle = () => Promise.reject(new Error('the store does not answer'));
  await expect(client.settle('m', {})).rejects.toThrow(new OwnerFailed('the store does not answer'));
  expect(errors).toEqual(['could not do what a command asked of this mall']);
});

test('an owner that loses the mall over it is away, which is no error of it', async () => {
  malls.settle = () => Promise.reject(new NoLongerOwner('m'));
  await expect(client.settle('m', {})).rejects.toThrow(OwnerAway);
  expect(errors).toEqual([]);
});

test('who asks waits for an owner that works for longer than silence may last', async () => {
  let working = 0;
  const listener = await opened.connect();
  listener.subscribe('_INBOX.>', { callback: () => void working++ });
  await listener.flush();
  malls.settle = async () => {
    await until('it to have said six times that it works', () => working > 5);
    return DAYS;
  };
  expect(await client.settle('m', {})).toEqual(DAYS);
}, 20_000);

test('an owner that dies over it is away after five seconds', async () => {
  let finish: (() => void) | undefined;
  malls.settle = () =>
    new Promise((resolve) => {
      finish = () => resolve(DAYS);
    });
  const asked = client.settle('m', {});
  asked.catch(() => undefined);
  await until('the question', () => finish !== undefined);
  await nats.close();
  await expect(asked).rejects.toThrow(OwnerAway);
  // What it was at ends all the same, and is told to nobody.
  finish!();
}, 20_000);

test('a mall that nobody owns, or nobody owns any more, is told at once', async () => {
  await expect(client.position('other')).rejects.toThrow('nobody owns mall other now');
  service.stop('m');
  await nats.flush();
  await expect(client.position('m')).rejects.toThrow(OwnerAway);
});
