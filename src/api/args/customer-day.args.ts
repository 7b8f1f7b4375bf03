import { ArgsType, Field } from 'type-graphql';
import { LocalDate } from '../scalars.ts';
import { CustomerArgs } from './customer.args.ts';

@ArgsType()
export class CustomerDayArgs extends CustomerArgs {
  @Field(() => LocalDate, { description: "The day, of the mall's own calendar." })
  readonly date!: string;
}
