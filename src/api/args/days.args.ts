import { ArgsType, Field } from 'type-graphql';
import { LocalDate } from '../scalars.ts';
import { MallArgs } from './mall.args.ts';

@ArgsType()
export class DaysArgs extends MallArgs {
  @Field(() => LocalDate, { description: "First day, of the mall's own calendar." })
  readonly from!: string;

  @Field(() => LocalDate, { description: 'Last day, inside too; at most 1,100 days.' })
  readonly to!: string;
}
