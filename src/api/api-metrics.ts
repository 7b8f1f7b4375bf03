import type { OperationDefinitionNode } from 'graphql';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Fields that a question may begin with are few, names of operations are the client's own: the field is the label. */
type Question = 'question';

/** Counters of questions and subscriptions, for Prometheus. One per process. */
export class ApiMetrics {
  readonly #seconds: Histogram<Question>;
  readonly #errors: Counter<Question>;
  readonly #subscriptions: Gauge<Question>;
  readonly #kept: Counter;
  readonly #turnedAway: Counter<'code'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#seconds = new Histogram({
      name: 'footfall_graphql_seconds',
      help: 'Time to answer one GraphQL request over HTTP, by the first field that it asks for.',
      labelNames: ['question'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    });
    this.#errors = new Counter({
      name: 'footfall_graphql_errors_total',
      help: 'GraphQL requests over HTTP whose answer has an error, by the first field that they ask for.',
      labelNames: ['question'],
      registers,
    });
    this.#subscriptions = new Gauge({
      name: 'footfall_subscriptions',
      help: 'Subscriptions that run now, by field.',
      labelNames: ['question'],
      registers,
    });
    this.#kept = new Counter({
      name: 'footfall_graphql_kept_answers_total',
      help: 'GraphQL requests over HTTP that were answered with an answer kept from before; they are not timed.',
      registers,
    });
    this.#turnedAway = new Counter({
      name: 'footfall_graphql_turned_away_total',
      help: 'GraphQL requests and operations of sockets that were not looked at, by code: SERVER_BUSY or RATE_LIMITED.',
      labelNames: ['code'],
      registers,
    });
  }

  /** A request was answered with an answer that was kept. */
  keptAnswer(): void {
    this.#kept.inc();
  }

  turnedAway(code: string): void {
    this.#turnedAway.inc({ code });
  }

  /** Begins to time one request; the returned function ends it. */
  time(): (operation: OperationDefinitionNode | undefined, failed: boolean) => void {
    const stop = this.#seconds.startTimer();
    return (operation, failed) => {
      const labels = { question: questionOf(operation) };
      stop(labels);
      if (failed) this.#errors.inc(labels);
    };
  }

  /** A subscription has begun; the returned function ends it. */
  subscribed(operation: OperationDefinitionNode | undefined): () => void {
    const labels = { question: questionOf(operation) };
    this.#subscriptions.inc(labels);
    return () => this.#subscriptions.dec(labels);
  }
}

/** The first field of an operation that was found valid; `none` for what never came so far. */
function questionOf(operation: OperationDefinitionNode | undefined): string {
  const [first] = operation?.selectionSet.selections ?? [];
  return first?.kind === 'Field' ? first.name.value : 'none';
}
