import { Field, Int, ObjectType } from 'type-graphql';
import type { PresentNow } from '../../query/answers.ts';
import { DateTime } from '../scalars.ts';
import { instantText } from '../texts.ts';

@ObjectType('PresentNow', {
  simpleResolvers: true,
  description: 'How many devices are in the mall at this moment.',
})
export class PresentNowType {
  @Field(() => Int, { description: 'Distinct devices heard in the last 10 minutes.' })
  readonly footfall!: number;

  @Field(() => DateTime, { description: 'The moment that this is true of.' })
  readonly asOf!: string;

  @Field(() => Boolean, {
    description: 'True when the live numbers cannot be reached, and this may be older than three seconds.',
  })
  readonly stale!: boolean;
}

export function presentNowAnswer({ footfall, asOfS, stale }: PresentNow): PresentNowType {
  return { footfall, asOf: instantText(asOfS), stale };
}
