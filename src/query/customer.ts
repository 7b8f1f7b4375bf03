import { isRandomized } from '../decode/customer-id.ts';
import type { Ask, CustomerAnswer, Who } from './answers.ts';
import { askedDevice } from './asked-customer.ts';
import { servedMall } from './asked-mall.ts';

/** What the customer record says of one customer; null when never seen. */
export async function customer(
  ask: Ask,
  args: { readonly mall: string; readonly who: Who },
): Promise<CustomerAnswer | null> {
  const device = askedDevice(servedMall(ask, args.mall), args.who);
  const folded = await ask.live.mall(args.mall)?.customer(device);
  const found = folded ?? (await ask.store.customers(args.mall, [device]))[0];
  return found === undefined ? null : { ...found, randomized: isRandomized(device) };
}
