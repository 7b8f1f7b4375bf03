import { ArgsType, Field, Int } from 'type-graphql';
import { PRESENT_S } from '../../windows.ts';
import { DateTime } from '../scalars.ts';
import { MallArgs } from './mall.args.ts';

@ArgsType()
export class CustomerPositionsArgs extends MallArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Only customers whose last position is in this shop (its code).',
  })
  readonly shop?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The instant that is asked about; without it, now.' })
  readonly at?: Date | null;

  @Field(() => Int, {
    defaultValue: PRESENT_S,
    description: 'Only positions of the last so many seconds before `at`, 1 to 90,000.',
  })
  readonly seenWithinSeconds!: number;
}
