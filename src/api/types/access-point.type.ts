import { Field, Int, ObjectType } from 'type-graphql';
import { formatMac } from '../../mac.ts';
import type { AccessPointAnswer } from '../../query/answers.ts';
import { DateTime, SafeInt } from '../scalars.ts';
import { instantTextOrNull } from '../texts.ts';
import { ShopType } from './shop.type.ts';

@ObjectType('AccessPoint', {
  simpleResolvers: true,
  description:
    "An access point of the mall's plan, or one that only records name, of open and of settled days alike.",
})
export class AccessPointType {
  @Field(() => String, { description: 'Its MAC address, as `3c:8c:f8:00:00:1d`.' })
  readonly mac!: string;

  @Field(() => Int, { nullable: true, description: 'Plan units; null where the plan does not have it.' })
  readonly x!: number | null;

  @Field(() => Int, { nullable: true, description: 'Plan units; null where the plan does not have it.' })
  readonly y!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'The storey, as the plan names it; null where it names none.',
  })
  readonly floor!: string | null;

  @Field(() => ShopType, {
    nullable: true,
    description: 'The shop that its newest record named; null where it named none, or none came.',
  })
  readonly shop!: ShopType | null;

  @Field(() => DateTime, { nullable: true, description: 'When its newest record occurred; null: none came.' })
  readonly lastHeardAt!: string | null;

  @Field(() => SafeInt, { description: 'Records it sent that occurred today, repeated ones too.' })
  readonly recordsToday!: number;
}

export function accessPointAnswer(answer: AccessPointAnswer): AccessPointType {
  const { mac, x, y, floor, shop, lastHeardS, recordsToday } = answer;
  return { mac: formatMac(mac), x, y, floor, shop, lastHeardAt: instantTextOrNull(lastHeardS), recordsToday };
}
