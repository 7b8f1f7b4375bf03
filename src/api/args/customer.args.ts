import { ArgsType, Field, ID } from 'type-graphql';
import type { Who } from '../../query/answers.ts';
import { Refusal } from '../../query/refusal.ts';
import { MallArgs } from './mall.args.ts';

@ArgsType()
export class CustomerArgs extends MallArgs {
  @Field(() => ID, {
    nullable: true,
    description: "The customer's id, 10 characters, as answers have it. Either this or `mac`.",
  })
  readonly customer?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The device's MAC address, in any usual spelling; it is turned into the id at once. Either this or `customer`.",
  })
  readonly mac?: string | null;
}

/** Refuses both and neither. */
export function whoOf({ customer, mac }: CustomerArgs): Who {
  if (customer != null && mac == null) return { customer };
  if (mac != null && customer == null) return { mac };
  throw new Refusal('BAD_ARGUMENT', 'name the customer by exactly one of `customer` and `mac`');
}
