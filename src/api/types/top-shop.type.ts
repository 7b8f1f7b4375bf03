import { Field, Int, ObjectType } from 'type-graphql';
import type { TopShop } from '../../query/answers.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';
import { ShopType } from './shop.type.ts';

@ObjectType('TopShop', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'One of the shops of the mall that heard most devices on one day.',
})
export class TopShopType extends DayRowType {
  @Field(() => Int, {
    description: '1 for the shop with most devices; shops with equally many rank by their code.',
  })
  readonly rank!: number;

  @Field(() => ShopType, { description: "A shop of the mall's shop list." })
  readonly shop!: ShopType;

  @Field(() => Int, { description: "Distinct devices that the shop's access points heard." })
  readonly footfall!: number;
}

export function topShopRow(row: TopShop): TopShopType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    rank: row.rank,
    shop: row.shop,
    footfall: row.footfall,
  };
}
