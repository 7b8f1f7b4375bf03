import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jetstream, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { createInbox, type NatsConnection, nkeys } from '@nats-io/transport-node';
import { NatsApiKeys } from '../../src/access/nats-api-keys.ts';
import { describeOnlyWhere } from '../only-where.ts';
import { type DeployedNats, NATS_BINARY, startDeployedNats } from './deployed-nats.ts';

type StreamSettings = Partial<StreamConfig> & Pick<StreamConfig, 'name'>;

const describeWithNats = describeOnlyWhere(
  NATS_BINARY !== undefined,
  'who may say and hear what in deploy/nats',
  'there is no nats-server on the PATH',
);
const STREAM: StreamSettings = {
  name: 'PROBES',
  subjects: ['probes.*'],
  storage: 'file',
  discard: 'new',
  allow_direct: true,
};
const DEAD_LETTERS: StreamSettings = {
  ...STREAM,
  name: 'PROBES_DLQ',
  subjects: ['dlq.probes.*'],
  discard: 'old',
};

describeWithNats('the NATS server as deployed', () => {
  let nats: DeployedNats;
  let ingest: NatsConnection;
  let api: NatsConnection;
  let edge: NatsConnection;

  beforeAll(async () => {
    nats = await startDeployedNats();
    ingest = await nats.connect('ingest', 'INGEST_PASSWORD');
    api = await nats.connect('api', 'API_PASSWORD');
    edge = await nats.connect('edge-demo', 'EDGE_PASSWORD');
    const manager = await jetstreamManager(ingest);
    await manager.streams.add(STREAM);
    await manager.streams.add(DEAD_LETTERS);
    await new Kvm(ingest).create('FOOTFALL_LEASES', { history: 1, markerTTL: 5_000 });
  });
  afterAll(() => nats?.dispose());

  test('an ingester makes, mends and looks at its streams', async () => {
    const manager = await jetstreamManager(ingest);
    const { config } = await manager.streams.update('PROBES', { max_msg_size: 1 << 20 });
    expect(config.max_msg_size).toBe(1 << 20);
    expect((await manager.streams.info('PROBES_DLQ', { subjects_filter: '>' })).config.discard).toBe('old');
    expect((await manager.streams.names().next()).sort()).toEqual([
      'KV_FOOTFALL_LEASES',
      'PROBES',
      'PROBES_DLQ',
    ]);
  });

  test('an edge publishes records of its mall, is told that they are kept, and an ingester reads them', async () => {
    const kept = await edge.request('probes.demo', 'one record');
    expect(kept.json()).toMatchObject({ stream: 'PROBES' });
    const { seq } = kept.json<{ seq: number }>();
    const consumer = await jetstream(ingest).consumers.get('PROBES', {
      filter_subjects: 'probes.demo',
      opt_start_seq: seq,
    });
    const messages = await consumer.consume();
    for await (const message of messages) {
      expect([message.seq, message.string()]).toEqual([seq, 'one record']);
      break;
    }
  });

  test('an ingester publishes, reads back singly and purges records', async () => {
    const { seq } = await jetstream(ingest).publish('probes.other', 'a');
    const manager = await jetstreamManager(ingest);
    expect((await manager.direct.getMessage('PROBES', { seq }))?.string()).toBe('a');
    expect((await manager.streams.getMessage('PROBES', { seq }))?.string()).toBe('a');
    expect((await manager.streams.purge('PROBES', { filter: 'probes.other', seq: seq + 1 })).purged).toBe(1);
  });

  test('an ingester writes dead letters and reads them back', async () => {
    const { seq } = await jetstream(ingest).publish('dlq.probes.demo', 'bad');
    const manager = await jetstreamManager(ingest);
    expect((await manager.direct.getMessage('PROBES_DLQ', { seq }))?.string()).toBe('bad');
  });

  test('an ingester takes, renews, watches and gives back a lease', async () => {
    const leases = await new Kvm(ingest).open('FOOTFALL_LEASES');
    const taken = await leases.create('demo', 'me', '5s');
    expect(await leases.update('demo', 'me', taken)).toBeGreaterThan(taken);
    const watched = await leases.watch();
    for await (const entry of watched) {
      expect([entry.key, entry.string()]).toEqual(['demo', 'me']);
      break;
    }
    watched.stop();
    await leases.delete('demo');
    await leases.purge('demo');
    expect((await leases.get('demo'))?.operation).toBe('PURGE');
  });

  test('an ingester keeps API keys, and the API reads them', async () => {
    const key = {
      id: 'a00000000000',
      name: 'wall',
      hash: '00',
      malls: 'all',
      scopes: ['analytics'],
    } as const;
    const kept = { ...key, createdAtS: 1, expiresAtS: null, revokedAtS: null };
    const keys = await NatsApiKeys.open(ingest);
    await keys.put(kept);
    expect(await keys.list()).toEqual([kept]);
    expect(await new NatsApiKeys(api).list()).toEqual([kept]);
  });

  test('frames reach the API, and its questions the owner, who answers in as many pieces as it takes', async () => {
    ingest.subscribe('live.*.now', {
      callback: (_error, request) => {
        for (const piece of ['1', '2', '3']) request.respond(piece);
      },
    });
    ingest.subscribe('live.*.customer', { callback: (_error, request) => void request.respond('known') });
    await ingest.flush();
    const frames = api.subscribe('live.*', { max: 1 });
    await api.flush();
    ingest.publish('live.demo', 'a frame');
    for await (const frame of frames)
      expect([frame.subject, frame.string()]).toEqual(['live.demo', 'a frame']);
    expect((await api.request('live.demo.customer', '')).string()).toBe('known');
    const inbox = createInbox();
    const pieces = api.subscribe(inbox, { max: 3 });
    api.publish('live.demo.now', '', { reply: inbox });
    const heard: string[] = [];
    for await (const piece of pieces) heard.push(piece.string());
    expect(heard).toEqual(['1', '2', '3']);
  });

  test('the API hears no answer of another account, though it may listen to every inbox of its own', async () => {
    const heard: string[] = [];
    api.subscribe('_INBOX.>', { callback: (_error, { subject }) => void heard.push(subject) });
    await api.flush();
    await jetstream(ingest).publish('probes.demo', 'secret');
    await (await jetstreamManager(ingest)).streams.info('PROBES');
    ingest.publish('live.demo', 'after it');
    await api.request('live.demo.customer', '');
    // Of the request after it, the API's own client holds the inbox; nothing before it came.
    expect(heard.length).toBeLessThanOrEqual(1);
  });

  test('a command that runs as an ingester asks the owner of a mall, and hears every answer', async () => {
    ingest.subscribe('owner.>', {
      callback: (_error, request) => {
        request.respond('under way');
        request.respond('done');
      },
    });
    await ingest.flush();
    const command = await nats.connect('ingest', 'INGEST_PASSWORD');
    const inbox = createInbox();
    const answers = command.subscribe(inbox, { max: 2 });
    command.publish('owner.demo.settle', '', { reply: inbox });
    const heard: string[] = [];
    for await (const answer of answers) heard.push(answer.string());
    expect(heard).toEqual(['under way', 'done']);
  });

  const said = (user: () => NatsConnection, subject: string) =>
    user().request(subject, '', { timeout: 2_000 });
  test.each<[who: string, subject: string, user: () => NatsConnection]>([
    ['an edge', 'probes.other', () => edge],
    ['an edge', 'live.demo', () => edge],
    ['an edge', '$JS.API.INFO', () => edge],
    ['the API', 'probes.demo', () => api],
    ['the API', 'dlq.probes.demo', () => api],
    ['the API', 'live.demo', () => api],
    ['the API', 'owner.demo.settle', () => api],
    ['an edge', 'owner.demo.settle', () => edge],
    ['the API', '$JS.API.STREAM.INFO.PROBES', () => api],
    ['the API', '$JS.API.CONSUMER.CREATE.PROBES', () => api],
    ['the API', '$JS.API.DIRECT.GET.PROBES', () => api],
    ['the API', '$KV.FOOTFALL_LEASES.demo', () => api],
    ['the API', '$KV.FOOTFALL_KEYS.demo', () => api],
    ['an edge', '$JS.API.DIRECT.GET.KV_FOOTFALL_KEYS', () => edge],
    ['an ingester', '$JS.API.STREAM.DELETE.PROBES', () => ingest],
    ['an ingester', '$JS.API.STREAM.PURGE.PROBES_DLQ', () => ingest],
    ['an ingester', '$JS.API.STREAM.PURGE.KV_FOOTFALL_LEASES', () => ingest],
    ['an ingester', '$JS.API.STREAM.CREATE.ANOTHER', () => ingest],
    ['an ingester', '$SYS.REQ.SERVER.PING', () => ingest],
  ])('%s may not say %s', async (_who, subject, user) => {
    await expect(said(user, subject)).rejects.toThrow(/Permissions Violation for Publish/);
  });

  test.each<[who: string, subject: string, user: () => NatsConnection]>([
    ['an edge', 'probes.demo', () => edge],
    ['an edge', 'live.demo', () => edge],
    ['the API', 'probes.*', () => api],
    ['the API', '>', () => api],
    ['the API', '$KV.>', () => api],
    ['an ingester', '>', () => ingest],
    ['an ingester', '$JS.EVENT.>', () => ingest],
  ])('%s may not listen to %s', async (_who, subject, user) => {
    const closed = new Promise<unknown>((resolve) => {
      user().subscribe(subject, { callback: (error) => resolve(error) });
    });
    expect(String(await closed)).toMatch(/Permissions Violation for Subscription/);
  });

  test('the operator may do all of it', async () => {
    const manager = await jetstreamManager(await nats.connect('operator', 'OPERATOR_PASSWORD'));
    await manager.streams.add({ name: 'TRIED', subjects: ['tried'] });
    expect(await manager.streams.delete('TRIED')).toBe(true);
  });

  test('a wrong password is refused', async () => {
    await expect(nats.connect('operator', 'API_PASSWORD')).rejects.toThrow(/Authorization Violation/);
  });
});

describeWithNats('an edge with a key pair', () => {
  test('needs no secret on the server, and speaks for its mall alone', async () => {
    const pair = nkeys.createUser();
    const nats = await startDeployedNats((name, text) => {
      if (name !== 'edges.conf') return text;
      const example = text.replace(/^ {2}# (?=\{|\}| {2})/gm, '  ');
      return example.replace(/nkey: "U[A-Z0-9]+"/, `nkey: "${pair.getPublicKey()}"`);
    });
    try {
      const ingest = await nats.connect('ingest', 'INGEST_PASSWORD');
      await (await jetstreamManager(ingest)).streams.add(STREAM);
      const edge = await nats.connectWithKey(pair.getSeed());
      expect((await edge.request('probes.shanghai', 'a record')).json()).toMatchObject({ stream: 'PROBES' });
      await expect(edge.request('probes.demo', 'a record')).rejects.toThrow(/Permissions Violation/);
    } finally {
      await nats.dispose();
    }
  });
});
