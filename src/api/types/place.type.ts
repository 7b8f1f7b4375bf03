import { Field, Int, InterfaceType } from 'type-graphql';
import { DateTime } from '../scalars.ts';
import { ShopType } from './shop.type.ts';

@InterfaceType('Place', {
  description:
    'Where a device was in one second: at the access point that heard it strongest. Coordinates are those of that ' +
    "access point in the mall's plan, as its directory has them now.",
})
export abstract class PlaceType {
  @Field(() => DateTime, { description: 'The second.' })
  readonly at!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "Plan units to the right of the plan's origin; null where the access point is not in the plan.",
  })
  readonly x!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Plan units along the plan's other axis; null where the access point is not in the plan.",
  })
  readonly y!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'The storey, as the plan names it; null where it names none.',
  })
  readonly floor!: string | null;

  @Field(() => ShopType, {
    nullable: true,
    description: 'The shop that the record named; null where it named none.',
  })
  readonly shop!: ShopType | null;

  @Field(() => String, {
    nullable: true,
    description: 'MAC address of the access point, as `3c:8c:f8:00:00:1d`; null where the record named none.',
  })
  readonly accessPoint!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Strength of the signal in dBm, −127 (weak) to 0 (strong); null where it is unknown.',
  })
  readonly rssiDbm!: number | null;
}
