import { Field, ID, ObjectType } from 'type-graphql';
import { formatCustomer } from '../../decode/customer-id.ts';
import type { CustomerAnswer } from '../../query/answers.ts';
import { DateTime } from '../scalars.ts';
import { instantText } from '../texts.ts';

@ObjectType('Customer', {
  simpleResolvers: true,
  description:
    'A device that the mall has heard, or that is in its own list of customers. It is known by a pseudonym alone.',
})
export class CustomerType {
  @Field(() => ID, {
    description: 'The pseudonym, 10 characters; the same device has another one in another mall.',
  })
  readonly customer!: string;

  @Field(() => DateTime, { description: 'The first second in which it was ever heard.' })
  readonly firstSeen!: string;

  @Field(() => DateTime, { description: 'The last second in which it was heard so far.' })
  readonly lastSeen!: string;

  @Field(() => Boolean, {
    description: "True when it is from the mall's own list of customers: it never counts as new.",
  })
  readonly imported!: boolean;

  @Field(() => Boolean, {
    description:
      'True when the device uses a made-up address, as most phones do: it may be another one tomorrow.',
  })
  readonly randomized!: boolean;
}

export function customerAnswer(answer: CustomerAnswer): CustomerType {
  const { device, firstSeenS, lastSeenS, imported, randomized } = answer;
  return {
    customer: formatCustomer(device),
    firstSeen: instantText(firstSeenS),
    lastSeen: instantText(lastSeenS),
    imported,
    randomized,
  };
}
