import autocannon from 'autocannon';
import { serveOrders } from './serve-orders.ts';

/** What is asked, over and over, one body after the other. */
export interface LoadOrder {
  readonly url: string;
  /** POSTed as JSON; none: the URL is read. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A process of its own, so that whoever asks takes nothing from whoever answers. */
serveOrders<LoadOrder, LoadResult>(async ({ url, bodies, connections, seconds }) => {
  const headers = { 'content-type': 'application/json' };
  const requests = bodies.map((body) => ({ method: 'POST' as const, headers, body }));
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(requests.length > 0 && { requests }),
  });
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed > 0) throw new Error(`${failed} requests to ${url} were not answered as they should be`);
  return {
    requestsPerSecond: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
});
