import { quoted } from '../config/quoted.ts';
import { parseCustomer } from '../decode/customer-id.ts';
import { parseMac } from '../mac.ts';
import type { ServedMall, Who } from './answers.ts';
import { Refusal } from './refusal.ts';

/** The device that a question is about, whether or not anything is known of it. */
export function askedDevice(served: ServedMall, who: Who): number {
  if ('customer' in who) {
    const device = parseCustomer(who.customer);
    if (device !== undefined) return device;
    throw new Refusal(
      'BAD_CUSTOMER',
      `customer ${quoted(who.customer)} is not a customer id; one has 10 letters and digits, as 11V8Y4TE4A`,
    );
  }
  const mac = parseMac(who.mac);
  if (mac !== undefined) return served.pseudonym(mac);
  throw new Refusal(
    'BAD_CUSTOMER',
    'mac is not an address; one has 12 hexadecimal digits, as a4:c3:61:0b:22:01',
  );
}
