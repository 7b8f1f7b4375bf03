import { Field, ID, Int, ObjectType } from 'type-graphql';
import { formatCustomer } from '../../decode/customer-id.ts';
import type { RepeatShop } from '../../query/answers.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';
import { PageInfoType } from './page-info.type.ts';
import { ShopType } from './shop.type.ts';

@ObjectType('RepeatShop', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'A known shop that a customer entered more than once on one day.',
})
export class RepeatShopType extends DayRowType {
  @Field(() => ID, { description: 'The customer: a pseudonym of 10 characters, never a MAC address.' })
  readonly customer!: string;

  @Field(() => ShopType, { description: "A shop of the mall's shop list." })
  readonly shop!: ShopType;

  @Field(() => Int, { description: 'Visits of the customer there that day: 2 or more.' })
  readonly visits!: number;
}

@ObjectType('RepeatShopConnection', {
  simpleResolvers: true,
  description: 'A page of shops entered more than once.',
})
export class RepeatShopConnectionType {
  @Field(() => [RepeatShopType], { description: 'By customer id, then shop code.' })
  readonly nodes!: readonly RepeatShopType[];

  @Field(() => PageInfoType, { description: 'How to go on.' })
  readonly pageInfo!: PageInfoType;
}

export function repeatShopRow(row: RepeatShop): RepeatShopType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    customer: formatCustomer(row.device),
    shop: row.shop,
    visits: row.visits,
  };
}
