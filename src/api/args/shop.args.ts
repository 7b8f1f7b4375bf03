import { ArgsType, Field } from 'type-graphql';
import { MallArgs } from './mall.args.ts';

@ArgsType()
export class ShopArgs extends MallArgs {
  @Field(() => String, { nullable: true, description: 'Code of one shop; without it, the whole mall.' })
  readonly shop?: string | null;
}
