import { InfluxHttp, InfluxRefusal } from './influx-http.ts';

/** The server cannot do the job. The message says what to do. */
export class InfluxUnfit extends Error {
  override readonly name = 'InfluxUnfit';
  readonly code = 'INFLUX_UNFIT';
}

export type BucketName = 'raw' | 'presence' | 'registry' | 'footfall';

export interface InfluxConnectionOptions {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  /** Before the names of the buckets, so that installations, and tests, can share a server. */
  readonly bucketPrefix?: string;
  /** Raw records are kept so many days; null = for good. */
  readonly keepRawDays?: number | null;
  readonly timeoutMs?: number;
}

/** A server that was found fit, with the buckets of Footfall. */
export interface InfluxConnection {
  readonly http: InfluxHttp;
  readonly org: string;
  readonly orgId: string;
  /** The full name of a bucket. */
  bucket(name: BucketName): string;
  close(): void;
}

const DAY_S = 86_400;
const SHARD_DAYS: Record<BucketName, number> = { raw: 1, presence: 1, registry: 365, footfall: 365 };
const VERSION_NEEDED = [2, 9, 0] as const;
const TIMEOUT_MS = 30_000;

/**
 * Checks the server, and makes the buckets that are missing. Rejects with InfluxUnfit when it cannot be used as it is,
 * with InfluxAway when it cannot be reached.
 */
export async function openInfluxConnection(options: InfluxConnectionOptions): Promise<InfluxConnection> {
  const { org, bucketPrefix = '', keepRawDays = null, timeoutMs = TIMEOUT_MS } = options;
  const http = new InfluxHttp({ ...options, timeoutMs });
  const bucket = (name: BucketName) => `${bucketPrefix}${name}`;
  try {
    await checkVersion(http);
    const orgId = await findOrganisation(http, org);
    for (const name of ['raw', 'presence', 'registry', 'footfall'] as const) {
      const keptS = name === 'raw' && keepRawDays !== null ? (keepRawDays + 2) * DAY_S : 0;
      await ensureBucket(http, orgId, { name: bucket(name), keptS, shardS: SHARD_DAYS[name] * DAY_S });
    }
    return { http, org, orgId, bucket, close: () => http.close() };
  } catch (error) {
    http.close();
    throw asUnfit(error, options);
  }
}

/** Counts of earlier servers are wrong while points that were flushed and points that were not interleave. */
async function checkVersion(http: InfluxHttp): Promise<void> {
  const { version = '' } = await http.json<{ version?: string }>({ method: 'GET', path: '/health' });
  const found = version.replace(/^v/, '').split(/[.+-]/).slice(0, 3).map(Number);
  for (const [i, needed] of VERSION_NEEDED.entries()) {
    const part = found[i] ?? Number.NaN;
    if (part > needed && i > 0) return;
    if (part === needed) continue;
    throw new InfluxUnfit(
      `the server at ${http.address} is InfluxDB ${version || 'of an unknown version'}; Footfall needs 2.9.0 or newer of the 2.x line: earlier ones count wrong while new points are being written to disk (influxdata/influxdb#26690)`,
    );
  }
}

async function findOrganisation(http: InfluxHttp, org: string): Promise<string> {
  const path = `/api/v2/orgs?org=${encodeURIComponent(org)}`;
  const { orgs = [] } = await http.json<{ orgs?: { id: string; name: string }[] }>({ method: 'GET', path });
  const found = orgs.find(({ name }) => name === org);
  if (found !== undefined) return found.id;
  throw new InfluxUnfit(
    `the server at ${http.address} has no organisation ${org}; set INFLUX_ORG to one it has`,
  );
}

interface WantedBucket {
  readonly name: string;
  /** 0 = for good. */
  readonly keptS: number;
  readonly shardS: number;
}

interface FoundBucket {
  readonly id: string;
  readonly name: string;
  readonly retentionRules: readonly { everySeconds: number; shardGroupDurationSeconds?: number }[];
}

async function ensureBucket(
  http: InfluxHttp,
  orgID: string,
  { name, keptS, shardS }: WantedBucket,
): Promise<void> {
  const path = `/api/v2/buckets?orgID=${orgID}&name=${encodeURIComponent(name)}`;
  const find = async () => {
    const { buckets = [] } = await http
      .json<{ buckets?: FoundBucket[] }>({ method: 'GET', path })
      .catch((error: unknown) => {
        if (error instanceof InfluxRefusal && error.status === 404) return { buckets: [] };
        throw error;
      });
    return buckets.find((bucket) => bucket.name === name);
  };
  const rule = { type: 'expire', everySeconds: keptS, shardGroupDurationSeconds: shardS };
  const found = await find();
  if (found === undefined) {
    const body = JSON.stringify({ orgID, name, retentionRules: [rule] });
    try {
      await http.text({ method: 'POST', path: '/api/v2/buckets', type: 'application/json', body });
    } catch (error) {
      // Another process may have made it meanwhile.
      if ((await find()) === undefined) throw error;
    }
    return;
  }
  const [kept = { everySeconds: 0 }] = found.retentionRules;
  if (kept.everySeconds !== 0 && (keptS === 0 || kept.everySeconds < keptS)) {
    throw new InfluxUnfit(
      `bucket ${name} deletes after ${kept.everySeconds} s what must be kept ${keptS === 0 ? 'for good' : `${keptS} s`}; run: influx bucket update --id ${found.id} --retention ${keptS}s`,
    );
  }
  if (kept.everySeconds === keptS) return;
  const body = JSON.stringify({ retentionRules: [rule] });
  await http.text({ method: 'PATCH', path: `/api/v2/buckets/${found.id}`, type: 'application/json', body });
}

function asUnfit(error: unknown, { url, org }: InfluxConnectionOptions): unknown {
  if (!(error instanceof InfluxRefusal)) return error;
  if (error.status === 401) {
    return new InfluxUnfit(
      `the server at ${url} does not know the token of INFLUX_TOKEN; set one that it has made`,
    );
  }
  if (error.status === 403) {
    return new InfluxUnfit(
      `the token of INFLUX_TOKEN may not read and make buckets and tasks of organisation ${org}; make one with all rights on them`,
    );
  }
  if (error.status === 404) {
    return new InfluxUnfit(
      `the server at ${url} has no organisation ${org} that INFLUX_TOKEN may see; set INFLUX_ORG to one`,
    );
  }
  return error;
}
