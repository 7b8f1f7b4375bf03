import { Field, Int, ObjectType } from 'type-graphql';
import type { NewCustomers } from '../../query/answers.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';

@ObjectType('NewCustomers', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'How many devices came to the mall for the first time on one day.',
})
export class NewCustomersType extends DayRowType {
  @Field(() => Int, {
    description: "Distinct devices never heard before this day, and not in the mall's own list of customers.",
  })
  readonly newCustomers!: number;
}

export function newCustomersRow(row: NewCustomers): NewCustomersType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    newCustomers: row.newCustomers,
  };
}
