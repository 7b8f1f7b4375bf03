import { Field, ID, Int, ObjectType } from 'type-graphql';
import { formatCustomer } from '../../decode/customer-id.ts';
import type { FavoriteShop } from '../../query/answers.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';
import { PageInfoType } from './page-info.type.ts';
import { ShopType } from './shop.type.ts';

@ObjectType('FavoriteShop', {
  implements: DayRowType,
  simpleResolvers: true,
  description:
    'The known shop that a customer visited most often on one day; of several the one with the longer dwell, then the ' +
    'lower code.',
})
export class FavoriteShopType extends DayRowType {
  @Field(() => ID, { description: 'The customer: a pseudonym of 10 characters, never a MAC address.' })
  readonly customer!: string;

  @Field(() => ShopType, { description: "A shop of the mall's shop list." })
  readonly shop!: ShopType;

  @Field(() => Int, { description: 'Visits of the customer there that day.' })
  readonly visits!: number;

  @Field(() => Int, { description: 'Seconds from first to last position, summed over these visits.' })
  readonly dwellSeconds!: number;
}

@ObjectType('FavoriteShopConnection', { simpleResolvers: true, description: 'A page of favourite shops.' })
export class FavoriteShopConnectionType {
  @Field(() => [FavoriteShopType], {
    description: 'One for each customer who visited a known shop, by customer id.',
  })
  readonly nodes!: readonly FavoriteShopType[];

  @Field(() => PageInfoType, { description: 'How to go on.' })
  readonly pageInfo!: PageInfoType;
}

export function favoriteShopRow(row: FavoriteShop): FavoriteShopType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    customer: formatCustomer(row.device),
    shop: row.shop,
    visits: row.visits,
    dwellSeconds: row.dwellS,
  };
}
