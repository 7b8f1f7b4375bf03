import { Field, ID, ObjectType } from 'type-graphql';
import { formatCustomer } from '../../decode/customer-id.ts';
import type { CustomerPosition } from '../../query/answers.ts';
import { accessPointText, instantText } from '../texts.ts';
import { PlaceType } from './place.type.ts';

@ObjectType('CustomerPosition', {
  implements: PlaceType,
  simpleResolvers: true,
  description: 'Where one customer was last.',
})
export class CustomerPositionType extends PlaceType {
  @Field(() => ID, { description: 'The customer: a pseudonym of 10 characters, never a MAC address.' })
  readonly customer!: string;

  @Field(() => Boolean, {
    description:
      'True when the device uses a made-up address, as most phones do: it may be another one tomorrow.',
  })
  readonly randomized!: boolean;

  @Field(() => Boolean, {
    description: 'True while the second is still being decided: a stronger record of it may yet come.',
  })
  readonly provisional!: boolean;
}

export function customerPosition(row: CustomerPosition): CustomerPositionType {
  return {
    customer: formatCustomer(row.device),
    at: instantText(row.atS),
    x: row.x,
    y: row.y,
    floor: row.floor,
    shop: row.shop,
    accessPoint: row.accessPoint === null ? null : accessPointText(row.accessPoint),
    rssiDbm: row.rssiDbm,
    randomized: row.randomized,
    provisional: row.provisional,
  };
}
