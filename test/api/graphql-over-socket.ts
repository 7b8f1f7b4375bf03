import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '../system/until.ts';
import type { GraphqlBody } from './graphql-over-http.ts';

export function openClient(url: string, connectionParams: Record<string, unknown> = {}): Client {
  return createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
}

/** The first answer to an operation: its payload, or the errors that it was refused with. */
export async function askSocket(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlBody> {
  const client = openClient(url);
  try {
    for await (const body of client.iterate({ query, variables })) return body as GraphqlBody;
    return {};
  } catch (error) {
    if (Array.isArray(error)) return { errors: error };
    throw error;
  } finally {
    await client.dispose();
  }
}

/** Resolves once so many subscriptions run: before that, a reader may come after the first answer. */
export function joined(url: string, readers: number): Promise<unknown> {
  return until('every reader', async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const running = [...metrics.matchAll(/^footfall_subscriptions\{.*\} (\d+)$/gm)];
    return running.reduce((sum, [, count]) => sum + Number(count), 0) === readers;
  });
}
