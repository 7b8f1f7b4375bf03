import { ArgsType, Field } from 'type-graphql';
import { LocalDate } from '../scalars.ts';
import { MallArgs } from './mall.args.ts';

@ArgsType()
export class DayArgs extends MallArgs {
  @Field(() => LocalDate, { description: "The day, of the mall's own calendar." })
  readonly date!: string;
}
