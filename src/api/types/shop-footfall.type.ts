import { Field, Int, ObjectType } from 'type-graphql';
import type { ShopFootfall } from '../../query/answers.ts';
import { SafeInt } from '../scalars.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';
import { ShopType } from './shop.type.ts';

@ObjectType('ShopFootfall', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'What one shop heard on one day.',
})
export class ShopFootfallType extends DayRowType {
  @Field(() => ShopType, { description: 'The shop.' })
  readonly shop!: ShopType;

  @Field(() => Int, { description: "Distinct devices that the shop's access points heard." })
  readonly footfall!: number;

  @Field(() => Int, {
    description:
      'Those of them with at least one visit. A device that is heard here, but always stronger elsewhere, did not enter.',
  })
  readonly entered!: number;

  @Field(() => Int, {
    description:
      "Visits of all devices together. After a pause longer than the mall's `visitGapSeconds` (10 minutes unless its " +
      'directory says otherwise) a new one begins.',
  })
  readonly visits!: number;

  @Field(() => SafeInt, { description: 'Seconds from first to last position, summed over all visits.' })
  readonly dwellSeconds!: number;
}

export function shopFootfallRow(row: ShopFootfall): ShopFootfallType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    shop: row.shop,
    footfall: row.footfall,
    entered: row.entered,
    visits: row.visits,
    dwellSeconds: row.dwellS,
  };
}
