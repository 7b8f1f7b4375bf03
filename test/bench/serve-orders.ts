import { inspect } from 'node:util';

/** What the parent is told of an order that was done. */
export type Reply<Result> = { readonly result: Result } | { readonly failure: string };

/** The child's side of a `ClientProcess`: does each order that the parent sends, and goes when the parent has gone. */
export function serveOrders<Order, Result>(run: (order: Order) => Promise<Result>): void {
  process.on('message', (order: Order) => {
    const reply = (said: Reply<Result>) => process.send!(said);
    run(order).then(
      (result) => reply({ result }),
      (error: unknown) => reply({ failure: inspect(error) }),
    );
  });
  process.once('disconnect', () => process.exit());
}
