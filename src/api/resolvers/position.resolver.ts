import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import { customerPositions } from '../../query/customer-positions.ts';
import { customerTrack } from '../../query/customer-track.ts';
import { density } from '../../query/density.ts';
import { densityHistory } from '../../query/density-history.ts';
import type { ApiContext } from '../api-context.ts';
import { whoOf } from '../args/customer.args.ts';
import { CustomerDayArgs } from '../args/customer-day.args.ts';
import { CustomerPositionsArgs } from '../args/customer-positions.args.ts';
import { DensityHistoryArgs } from '../args/density-history.args.ts';
import { MallArgs } from '../args/mall.args.ts';
import { aPage, aRowACell, aRowACustomer, aRowASecond } from '../costs.ts';
import { given } from '../given.ts';
import { Needs } from '../needs.ts';
import { DateTime } from '../scalars.ts';
import { CustomerPositionType, customerPosition } from '../types/customer-position.type.ts';
import { DensityCellType } from '../types/density-cell.type.ts';
import { DensityConnectionType, densityMinute } from '../types/density-minute.type.ts';
import { connection } from '../types/page-info.type.ts';
import { TrackPositionType, trackPosition } from '../types/track-position.type.ts';

/** Where: positions, tracks, density. */
@Resolver()
export class PositionResolver {
  @Needs('positions')
  @Query(() => [CustomerPositionType], {
    complexity: aRowACustomer,
    description: 'The last position of every customer within the last `seenWithinSeconds` before an instant.',
  })
  async customerPositions(
    @Ctx() { ask }: ApiContext,
    @Args(() => CustomerPositionsArgs) { mall, shop, at, seenWithinSeconds }: CustomerPositionsArgs,
  ) {
    const optional = given<{ shop?: string; atS?: number }>({ shop, atS: at && secondOf(at) });
    const rows = await customerPositions(ask, { mall, seenWithinS: seenWithinSeconds, ...optional });
    return rows.map(customerPosition);
  }

  @Needs('positions', 'customers')
  @Query(() => [TrackPositionType], {
    complexity: aRowASecond,
    description: "A customer's way through the mall on a day: at most one position a second, in order.",
  })
  async customerTrack(@Ctx() { ask }: ApiContext, @Args(() => CustomerDayArgs) args: CustomerDayArgs) {
    return (await customerTrack(ask, { mall: args.mall, who: whoOf(args), date: args.date })).map(
      trackPosition,
    );
  }

  @Needs('analytics')
  @Query(() => [DensityCellType], {
    complexity: aRowACell,
    description: 'How many devices were in each square of the plan.',
  })
  async density(
    @Ctx() { ask }: ApiContext,
    @Args(() => MallArgs) { mall }: MallArgs,
    @Arg('at', () => DateTime, {
      nullable: true,
      description: 'An instant of the calendar minute that is asked about; without it, the last 60 seconds.',
    })
    at: Date | null,
  ) {
    return density(ask, { mall, ...given<{ atS?: number }>({ atS: at && secondOf(at) }) });
  }

  @Needs('analytics')
  @Query(() => DensityConnectionType, {
    complexity: aPage,
    description: 'How many devices were in each square of the plan, minute by minute, page by page.',
  })
  async densityHistory(
    @Ctx() { ask }: ApiContext,
    @Args(() => DensityHistoryArgs) { mall, from, to, first, after }: DensityHistoryArgs,
  ) {
    const range = { fromS: firstSecondFrom(from), untilS: firstSecondFrom(to) };
    const page = await densityHistory(ask, {
      mall,
      ...range,
      first,
      ...given<{ after?: string }>({ after }),
    });
    return connection(page, densityMinute);
  }
}

/** The second that an instant lies in. */
function secondOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

/** The first whole second that is not before an instant. */
function firstSecondFrom(at: Date): number {
  return Math.ceil(at.getTime() / 1000);
}
