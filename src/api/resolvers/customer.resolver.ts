import { Args, Ctx, Query, Resolver } from 'type-graphql';
import { customer } from '../../query/customer.ts';
import { customerShops } from '../../query/customer-shops.ts';
import { favoriteShop } from '../../query/favorite-shop.ts';
import { favoriteShops } from '../../query/favorite-shops.ts';
import { repeatShops } from '../../query/repeat-shops.ts';
import type { ApiContext } from '../api-context.ts';
import { CustomerArgs, whoOf } from '../args/customer.args.ts';
import { CustomerDayArgs } from '../args/customer-day.args.ts';
import { DayPageArgs } from '../args/day-page.args.ts';
import { aPage, aRowAShopOfTheMall } from '../costs.ts';
import { FromDays } from '../from-days.ts';
import { given } from '../given.ts';
import { Needs } from '../needs.ts';
import { CustomerType, customerAnswer } from '../types/customer.type.ts';
import { CustomerShopType, customerShopRow } from '../types/customer-shop.type.ts';
import {
  FavoriteShopConnectionType,
  FavoriteShopType,
  favoriteShopRow,
} from '../types/favorite-shop.type.ts';
import { connection } from '../types/page-info.type.ts';
import { RepeatShopConnectionType, repeatShopRow } from '../types/repeat-shop.type.ts';

/** What single customers did. */
@Resolver()
export class CustomerResolver {
  @Needs('customers')
  @FromDays()
  @Query(() => FavoriteShopType, {
    nullable: true,
    description: "A customer's favourite shop of a day; null when no known shop was visited.",
  })
  async favoriteShop(@Ctx() { ask }: ApiContext, @Args(() => CustomerDayArgs) args: CustomerDayArgs) {
    const found = await favoriteShop(ask, { mall: args.mall, who: whoOf(args), date: args.date });
    return found ? favoriteShopRow(found) : null;
  }

  @Needs('customers')
  @FromDays()
  @Query(() => FavoriteShopConnectionType, {
    complexity: aPage,
    description: 'The favourite shop of every customer of a day, by customer id, page by page.',
  })
  async favoriteShops(@Ctx() { ask }: ApiContext, @Args(() => DayPageArgs) args: DayPageArgs) {
    return connection(await favoriteShops(ask, pageOf(args)), favoriteShopRow);
  }

  @Needs('customers')
  @FromDays()
  @Query(() => RepeatShopConnectionType, {
    complexity: aPage,
    description:
      'Known shops that a customer entered more than once that day, by customer id, then shop code, page by page.',
  })
  async repeatShops(@Ctx() { ask }: ApiContext, @Args(() => DayPageArgs) args: DayPageArgs) {
    return connection(await repeatShops(ask, pageOf(args)), repeatShopRow);
  }

  @Needs('customers')
  @FromDays()
  @Query(() => [CustomerShopType], {
    complexity: aRowAShopOfTheMall,
    description: 'The shops that a customer visited on a day.',
  })
  async customerShops(@Ctx() { ask }: ApiContext, @Args(() => CustomerDayArgs) args: CustomerDayArgs) {
    const rows = await customerShops(ask, { mall: args.mall, who: whoOf(args), date: args.date });
    return rows.map(customerShopRow);
  }

  @Needs('customers')
  @Query(() => CustomerType, {
    nullable: true,
    description: 'What is known of a customer; null when never seen.',
  })
  async customer(@Ctx() { ask }: ApiContext, @Args(() => CustomerArgs) args: CustomerArgs) {
    const found = await customer(ask, { mall: args.mall, who: whoOf(args) });
    return found ? customerAnswer(found) : null;
  }
}

function pageOf({ mall, date, first, after }: DayPageArgs) {
  return { mall, date, first, ...given<{ after?: string }>({ after }) };
}
