import { Arg, Args, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { DensityUpdate, FavoriteShop, PositionsUpdate } from '../../query/answers.ts';
import { dayUpdates } from '../../query/day-updates.ts';
import { densityUpdates } from '../../query/density-updates.ts';
import { favoriteShop } from '../../query/favorite-shop.ts';
import { positionUpdates } from '../../query/position-updates.ts';
import { MallArgs } from '../args/mall.args.ts';
import { ShopArgs } from '../args/shop.args.ts';
import { given } from '../given.ts';
import { Needs } from '../needs.ts';
import { sameButAsOf } from '../same-answer.ts';
import type { Subscriber } from '../subscriber.ts';
import { TellsChanges } from '../tells-changes.ts';
import { DensityUpdateType, densityUpdate } from '../types/density-update.type.ts';
import { FavoriteShopType, favoriteShopRow } from '../types/favorite-shop.type.ts';
import { PositionsUpdateType, positionsUpdate } from '../types/positions-update.type.ts';

/** Where, as it changes. Each execution has an iterable of its own. */
@Resolver()
export class PositionUpdatesResolver {
  @Needs('positions')
  @TellsChanges()
  @Subscription(() => PositionsUpdateType, {
    description:
      'Last positions of the last 10 minutes: all of them at once, then what changed, at most once a second; all of ' +
      'them again for a reader that was too slow for some update.',
    subscribe: ({ args: { mall, shop }, context: { ask } }: Subscriber<ShopArgs>) =>
      positionUpdates(ask, { mall, ...given<{ shop?: string }>({ shop }) }),
  })
  customerPositions(
    @Root() update: PositionsUpdate,
    @Args(() => ShopArgs) _args: ShopArgs,
  ): PositionsUpdateType {
    return positionsUpdate(update);
  }

  @Needs('analytics')
  @TellsChanges()
  @Subscription(() => DensityUpdateType, {
    description:
      'Devices in each square of the plan in the last 60 seconds: all squares at once, then those that changed, at ' +
      'most once a second; all of them again for a reader that was too slow for some update.',
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) => densityUpdates(ask, { mall }),
  })
  density(@Root() update: DensityUpdate, @Args(() => MallArgs) _args: MallArgs): DensityUpdateType {
    return densityUpdate(update);
  }

  @Needs('customers')
  @Subscription(() => FavoriteShopType, {
    nullable: true,
    description:
      "A customer's favourite shop of today: at once, null when no known shop was visited, then when it changes.",
    subscribe: ({
      args: { mall, customer },
      context: { ask },
    }: Subscriber<MallArgs & { customer: string }>) =>
      dayUpdates(
        ask,
        mall,
        (today) => favoriteShop(ask, { mall, who: { customer }, date: today }),
        sameButAsOf,
      ),
  })
  favoriteShop(
    @Root() row: FavoriteShop | null,
    @Args(() => MallArgs) _args: MallArgs,
    @Arg('customer', () => ID, { description: "The customer's id, 10 characters, as answers have it." })
    _customer: string,
  ): FavoriteShopType | null {
    return row && favoriteShopRow(row);
  }
}
