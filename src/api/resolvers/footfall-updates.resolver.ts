import { Args, Resolver, Root, Subscription } from 'type-graphql';
import type {
  HourlyFootfall,
  MallFootfall,
  NewCustomers,
  PeakHour,
  PresentNow,
  ShopFootfall,
  TopShop,
} from '../../query/answers.ts';
import { dayUpdates } from '../../query/day-updates.ts';
import { hourlyFootfall } from '../../query/hourly-footfall.ts';
import { mallFootfall } from '../../query/mall-footfall.ts';
import { newCustomers } from '../../query/new-customers.ts';
import { peakHour } from '../../query/peak-hour.ts';
import { presentNow } from '../../query/present-now.ts';
import { shopFootfall } from '../../query/shop-footfall.ts';
import { topShops } from '../../query/top-shops.ts';
import { MallArgs } from '../args/mall.args.ts';
import { aRowAShopAndDay, hoursOfToday } from '../costs.ts';
import { Needs } from '../needs.ts';
import { sameButAsOf } from '../same-answer.ts';
import type { Subscriber } from '../subscriber.ts';
import { HourlyFootfallType, hourlyFootfallRow } from '../types/hourly-footfall.type.ts';
import { MallFootfallType, mallFootfallRow } from '../types/mall-footfall.type.ts';
import { NewCustomersType, newCustomersRow } from '../types/new-customers.type.ts';
import { PeakHourType, peakHourRow } from '../types/peak-hour.type.ts';
import { PresentNowType, presentNowAnswer } from '../types/present-now.type.ts';
import { ShopFootfallType, shopFootfallRow } from '../types/shop-footfall.type.ts';
import { TopShopType, topShopRow } from '../types/top-shop.type.ts';

const WHEN =
  'at once, then whenever it changes, at most once a second; at local midnight that of the new day.';

/** How many, of the day that is today, as it changes. Each execution has an iterable of its own. */
@Resolver()
export class FootfallUpdatesResolver {
  @Needs('analytics')
  @Subscription(() => MallFootfallType, {
    description: `Devices heard by the mall today: ${WHEN}`,
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) =>
      dayUpdates(ask, mall, async (today) => (await mallFootfall(ask, { mall, from: today, to: today }))[0]),
  })
  mallFootfall(@Root() row: MallFootfall, @Args(() => MallArgs) _args: MallArgs): MallFootfallType {
    return mallFootfallRow(row);
  }

  @Needs('analytics')
  @Subscription(() => [ShopFootfallType], {
    complexity: aRowAShopAndDay,
    description: `Devices heard by each shop today: ${WHEN}`,
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) =>
      dayUpdates(ask, mall, (today) => shopFootfall(ask, { mall, from: today, to: today })),
  })
  shopFootfall(@Root() rows: ShopFootfall[], @Args(() => MallArgs) _args: MallArgs): ShopFootfallType[] {
    return rows.map(shopFootfallRow);
  }

  @Needs('analytics')
  @Subscription(() => [HourlyFootfallType], {
    complexity: hoursOfToday,
    description: `Devices heard in every hour of today: ${WHEN}`,
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) =>
      dayUpdates(ask, mall, (today) => hourlyFootfall(ask, { mall, from: today, to: today })),
  })
  hourlyFootfall(
    @Root() rows: HourlyFootfall[],
    @Args(() => MallArgs) _args: MallArgs,
  ): HourlyFootfallType[] {
    return rows.map(hourlyFootfallRow);
  }

  @Needs('analytics')
  @Subscription(() => NewCustomersType, {
    description: `Devices that came for the first time today: ${WHEN}`,
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) =>
      dayUpdates(ask, mall, async (today) => (await newCustomers(ask, { mall, from: today, to: today }))[0]),
  })
  newCustomers(@Root() row: NewCustomers, @Args(() => MallArgs) _args: MallArgs): NewCustomersType {
    return newCustomersRow(row);
  }

  @Needs('analytics')
  @Subscription(() => [TopShopType], {
    description: `The five shops of the shop list that heard most devices today: ${WHEN}`,
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) =>
      dayUpdates(ask, mall, (today) => topShops(ask, { mall, date: today, limit: 5 })),
  })
  topShops(@Root() rows: TopShop[], @Args(() => MallArgs) _args: MallArgs): TopShopType[] {
    return rows.map(topShopRow);
  }

  @Needs('analytics')
  @Subscription(() => PeakHourType, {
    description: `The busiest hour of today so far: ${WHEN}`,
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) =>
      dayUpdates(ask, mall, async (today) => (await peakHour(ask, { mall, from: today, to: today }))[0]),
  })
  peakHour(@Root() row: PeakHour, @Args(() => MallArgs) _args: MallArgs): PeakHourType {
    return peakHourRow(row);
  }

  @Needs('analytics')
  @Subscription(() => PresentNowType, {
    description:
      'Devices heard in the last 10 minutes: at once, then whenever it changes, at most once a second.',
    subscribe: ({ args: { mall }, context: { ask } }: Subscriber<MallArgs>) =>
      dayUpdates(ask, mall, () => presentNow(ask, { mall }), sameButAsOf),
  })
  presentNow(@Root() answer: PresentNow, @Args(() => MallArgs) _args: MallArgs): PresentNowType {
    return presentNowAnswer(answer);
  }
}
