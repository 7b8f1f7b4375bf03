import { Field, ObjectType } from 'type-graphql';
import type { MallAnswer } from '../../query/answers.ts';
import { aRowAShopOfTheMall } from '../costs.ts';
import { LocalDate } from '../scalars.ts';
import { dateText } from '../texts.ts';
import { ShopType } from './shop.type.ts';

@ObjectType('Mall', { simpleResolvers: true, description: 'A mall, as its directory describes it now.' })
export class MallType {
  @Field(() => String, { description: 'The code that every question names it by.' })
  readonly code!: string;

  @Field(() => String, { description: 'Its name, for people.' })
  readonly name!: string;

  @Field(() => String, {
    description: 'IANA name of the time zone that its days and hours are in, like `Asia/Shanghai`.',
  })
  readonly timeZone!: string;

  @Field(() => LocalDate, { description: 'The day that it is there now.' })
  readonly today!: string;

  @Field(() => [ShopType], { complexity: aRowAShopOfTheMall, description: 'Its shop list, by code.' })
  readonly shops!: readonly ShopType[];
}

export function mallAnswer({ code, name, timeZone, today, shops }: MallAnswer): MallType {
  return { code, name, timeZone, today: dateText(today), shops };
}
