import { Field, ID, ObjectType } from 'type-graphql';
import { formatCustomer } from '../../decode/customer-id.ts';
import type { PositionsUpdate } from '../../query/answers.ts';
import { aRowACustomer } from '../costs.ts';
import { DateTime } from '../scalars.ts';
import { instantText } from '../texts.ts';
import { CustomerPositionType, customerPosition } from './customer-position.type.ts';

@ObjectType('PositionsUpdate', {
  simpleResolvers: true,
  description:
    'What changed since the update before. Keep a map by customer: put `positions`, remove `left`.',
})
export class PositionsUpdateType {
  @Field(() => DateTime, { description: 'The moment that this is true of.' })
  readonly at!: string;

  @Field(() => Boolean, {
    description:
      'True when `positions` are all of them: forget what you had. So is the first update, and one after updates ' +
      'that were skipped for a slow reader.',
  })
  readonly full!: boolean;

  @Field(() => [CustomerPositionType], {
    complexity: aRowACustomer,
    description:
      'Last positions of the last 10 minutes: all of them when `full`, otherwise those that changed.',
  })
  readonly positions!: readonly CustomerPositionType[];

  @Field(() => [ID], { description: 'Customers who are no longer in view; none when `full`.' })
  readonly left!: readonly string[];
}

export function positionsUpdate({ atS, full, positions, left }: PositionsUpdate): PositionsUpdateType {
  return {
    at: instantText(atS),
    full,
    positions: positions.map(customerPosition),
    left: left.map(formatCustomer),
  };
}
