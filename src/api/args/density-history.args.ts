import { ArgsType, Field, Int } from 'type-graphql';
import { DateTime } from '../scalars.ts';
import { MallArgs } from './mall.args.ts';

@ArgsType()
export class DensityHistoryArgs extends MallArgs {
  @Field(() => DateTime, { description: 'The instant from which on.' })
  readonly from!: Date;

  @Field(() => DateTime, { description: 'The instant before which; at most 25 hours after `from`.' })
  readonly to!: Date;

  @Field(() => Int, { defaultValue: 1000, description: 'At most so many nodes, 1 to 1,000.' })
  readonly first!: number;

  @Field(() => String, {
    nullable: true,
    description: '`pageInfo.endCursor` of the page before; without it, the first page.',
  })
  readonly after?: string | null;
}
