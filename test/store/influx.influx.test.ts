import { afterAll, beforeAll } from '@jest/globals';
import { openInfluxConnection } from '../../src/store/influx/influx-connection.ts';
import { openInfluxStore } from '../../src/store/influx/influx-store.ts';
import { describeOnlyWhere } from '../only-where.ts';
import { HAS_INFLUX, type InfluxServer, startInflux } from './influx-server.ts';
import type { OpenedStore } from './opened-store.ts';
import { describeStore } from './store.contract.ts';

let server: InfluxServer;
let stores = 0;

/** A store with buckets of its own. */
async function openStore(bucketPrefix = `t${process.pid}-${++stores}-`): Promise<OpenedStore> {
  const { url, token, org } = server;
  const connection = await openInfluxConnection({ url, token, org, bucketPrefix });
  const store = openInfluxStore(connection, {
    stopwatchMs: () => performance.now(),
    chance: () => 0.5,
    onDeadLine: (line, reason) => {
      throw new Error(`${reason}: ${line}`);
    },
  });
  return {
    store,
    async reopen() {
      await store.close();
      return openStore(bucketPrefix);
    },
    dispose: () => store.close().catch(() => undefined),
  };
}

describeOnlyWhere(
  HAS_INFLUX,
  'the store on InfluxDB',
  'influxd is not on the PATH and INFLUX_URL is not set',
)('on a real server', () => {
  beforeAll(async () => {
    server = await startInflux();
  });
  afterAll(() => server.dispose());
  describeStore('InfluxDB', () => openStore(), { deadLetters: false });
});
