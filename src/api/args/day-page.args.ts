import { ArgsType, Field, Int } from 'type-graphql';
import { DayArgs } from './day.args.ts';

@ArgsType()
export class DayPageArgs extends DayArgs {
  @Field(() => Int, { defaultValue: 100, description: 'At most so many nodes, 1 to 1,000.' })
  readonly first!: number;

  @Field(() => String, {
    nullable: true,
    description: '`pageInfo.endCursor` of the page before; without it, the first page.',
  })
  readonly after?: string | null;
}
