import { Arg, Args, Ctx, Int, Query, Resolver } from 'type-graphql';
import { hourlyFootfall } from '../../query/hourly-footfall.ts';
import { mallFootfall } from '../../query/mall-footfall.ts';
import { newCustomers } from '../../query/new-customers.ts';
import { peakHour } from '../../query/peak-hour.ts';
import { presentNow } from '../../query/present-now.ts';
import { shopFootfall } from '../../query/shop-footfall.ts';
import { topShops } from '../../query/top-shops.ts';
import type { ApiContext } from '../api-context.ts';
import { DayArgs } from '../args/day.args.ts';
import { DaysArgs } from '../args/days.args.ts';
import { ShopArgs } from '../args/shop.args.ts';
import { aRowADay, aRowAnHour, aRowAShopAndDay, upToLimit } from '../costs.ts';
import { FromDays } from '../from-days.ts';
import { given } from '../given.ts';
import { Needs } from '../needs.ts';
import { HourlyFootfallType, hourlyFootfallRow } from '../types/hourly-footfall.type.ts';
import { MallFootfallType, mallFootfallRow } from '../types/mall-footfall.type.ts';
import { NewCustomersType, newCustomersRow } from '../types/new-customers.type.ts';
import { PeakHourType, peakHourRow } from '../types/peak-hour.type.ts';
import { PresentNowType, presentNowAnswer } from '../types/present-now.type.ts';
import { ShopFootfallType, shopFootfallRow } from '../types/shop-footfall.type.ts';
import { TopShopType, topShopRow } from '../types/top-shop.type.ts';

/** How many: the mall, its shops, its hours. */
@Resolver()
export class FootfallResolver {
  @Needs('analytics')
  @FromDays()
  @Query(() => [MallFootfallType], {
    complexity: aRowADay,
    description: 'Devices heard by the mall, one row for every day of the range, empty days too.',
  })
  async mallFootfall(@Ctx() { ask }: ApiContext, @Args(() => DaysArgs) { mall, from, to }: DaysArgs) {
    return (await mallFootfall(ask, { mall, from, to })).map(mallFootfallRow);
  }

  @Needs('analytics')
  @FromDays()
  @Query(() => [HourlyFootfallType], {
    complexity: aRowAnHour,
    description: 'Devices heard in every hour of every day of the range, empty hours too.',
  })
  async hourlyFootfall(
    @Ctx() { ask }: ApiContext,
    @Args(() => DaysArgs) { mall, from, to }: DaysArgs,
    @Arg('shop', () => String, {
      nullable: true,
      description: 'Code of one shop; without it, the whole mall.',
    })
    shop: string | null,
  ) {
    const rows = await hourlyFootfall(ask, { mall, from, to, ...given<{ shop?: string }>({ shop }) });
    return rows.map(hourlyFootfallRow);
  }

  @Needs('analytics')
  @FromDays()
  @Query(() => [ShopFootfallType], {
    complexity: aRowAShopAndDay,
    description:
      'Devices heard by each shop: for every day of the range the whole shop list, then the unknown codes that had ' +
      'records.',
  })
  async shopFootfall(
    @Ctx() { ask }: ApiContext,
    @Args(() => DaysArgs) { mall, from, to }: DaysArgs,
    @Arg('shops', () => [String], {
      nullable: true,
      description: 'Codes of these shops alone; without it, all.',
    })
    shops: string[] | null,
  ) {
    const rows = await shopFootfall(ask, { mall, from, to, ...given<{ shops?: string[] }>({ shops }) });
    return rows.map(shopFootfallRow);
  }

  @Needs('analytics')
  @FromDays()
  @Query(() => [NewCustomersType], {
    complexity: aRowADay,
    description: 'Devices that came for the first time, one row for every day of the range.',
  })
  async newCustomers(@Ctx() { ask }: ApiContext, @Args(() => DaysArgs) { mall, from, to }: DaysArgs) {
    return (await newCustomers(ask, { mall, from, to })).map(newCustomersRow);
  }

  @Needs('analytics')
  @FromDays()
  @Query(() => [TopShopType], {
    complexity: upToLimit,
    description:
      'The shops of the shop list that heard most devices on a day, best first; a shop needs at least one.',
  })
  async topShops(
    @Ctx() { ask }: ApiContext,
    @Args(() => DayArgs) { mall, date }: DayArgs,
    @Arg('limit', () => Int, { defaultValue: 5, description: 'How many shops at most.' }) limit: number,
  ) {
    return (await topShops(ask, { mall, date, limit })).map(topShopRow);
  }

  @Needs('analytics')
  @FromDays()
  @Query(() => [PeakHourType], {
    complexity: aRowADay,
    description: 'The busiest hour of the whole mall, one row for every day of the range.',
  })
  async peakHour(@Ctx() { ask }: ApiContext, @Args(() => DaysArgs) { mall, from, to }: DaysArgs) {
    return (await peakHour(ask, { mall, from, to })).map(peakHourRow);
  }

  @Needs('analytics')
  @Query(() => PresentNowType, {
    description: 'Devices heard in the last 10 minutes, by the mall or by one shop.',
  })
  async presentNow(@Ctx() { ask }: ApiContext, @Args(() => ShopArgs) { mall, shop }: ShopArgs) {
    return presentNowAnswer(await presentNow(ask, { mall, ...given<{ shop?: string }>({ shop }) }));
  }
}
