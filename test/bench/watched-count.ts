import { openClient } from '../api/graphql-over-socket.ts';
import { BENCH_MALL } from './bench-mall.ts';

/** A subscription to a field with a `footfall`, and when each of its counts was first seen. */
export class WatchedCount {
  readonly field: string;
  now: number | undefined;
  readonly #client: ReturnType<typeof openClient>;
  readonly #seen: { readonly footfall: number; readonly atMs: number }[] = [];

  constructor(url: string, field: string) {
    this.field = field;
    this.#client = openClient(url);
    this.#client.subscribe<Record<string, { footfall: number }>>(
      { query: `subscription { ${field}(mall: "${BENCH_MALL}") { footfall } }` },
      {
        next: ({ data }) => {
          const footfall = data![field]!.footfall;
          this.now = footfall;
          this.#seen.push({ footfall, atMs: performance.now() });
        },
        error: (error) => {
          throw error;
        },
        complete: () => undefined,
      },
    );
  }

  /** When it first counted so many. */
  reachedMs(footfall: number): number {
    return this.#seen.find((seen) => seen.footfall >= footfall)!.atMs;
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }
}
