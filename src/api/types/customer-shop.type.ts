import { Field, Int, ObjectType } from 'type-graphql';
import type { CustomerShop } from '../../query/answers.ts';
import { DateTime } from '../scalars.ts';
import { instantText } from '../texts.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';
import { ShopType } from './shop.type.ts';

@ObjectType('CustomerShop', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'A shop that a customer visited on one day.',
})
export class CustomerShopType extends DayRowType {
  @Field(() => ShopType, { description: "The shop; also one that the mall's shop list does not know." })
  readonly shop!: ShopType;

  @Field(() => Int, { description: 'Visits of the customer there that day: 1 or more.' })
  readonly visits!: number;

  @Field(() => Int, { description: 'Seconds from first to last position, summed over these visits.' })
  readonly dwellSeconds!: number;

  @Field(() => DateTime, {
    description: 'First second of the day in which the customer was placed in the shop.',
  })
  readonly firstSeen!: string;

  @Field(() => DateTime, {
    description: 'Last second of the day in which the customer was placed in the shop.',
  })
  readonly lastSeen!: string;
}

export function customerShopRow(row: CustomerShop): CustomerShopType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    shop: row.shop,
    visits: row.visits,
    dwellSeconds: row.dwellS,
    firstSeen: instantText(row.firstSeenS),
    lastSeen: instantText(row.lastSeenS),
  };
}
