import { Args, Ctx, Query, Resolver } from 'type-graphql';
import { ingest } from '../../query/ingest.ts';
import type { ApiContext } from '../api-context.ts';
import { DaysArgs } from '../args/days.args.ts';
import { aRowADay } from '../costs.ts';
import { Needs } from '../needs.ts';
import { IngestDayType, ingestDayRow } from '../types/ingest-day.type.ts';

/** What came in. */
@Resolver()
export class IngestResolver {
  @Needs('analytics')
  @Query(() => [IngestDayType], {
    complexity: aRowADay,
    description: 'Records kept and dropped, and gaps in what was heard, one row for every day of the range.',
  })
  async ingest(@Ctx() { ask }: ApiContext, @Args(() => DaysArgs) { mall, from, to }: DaysArgs) {
    return (await ingest(ask, { mall, from, to })).map(ingestDayRow);
  }
}
