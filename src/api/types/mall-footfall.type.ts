import { Field, Int, ObjectType } from 'type-graphql';
import type { MallFootfall } from '../../query/answers.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';

@ObjectType('MallFootfall', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'How many devices a mall heard on one day.',
})
export class MallFootfallType extends DayRowType {
  @Field(() => Int, { description: 'Distinct devices heard that day. A person may carry several, or none.' })
  readonly footfall!: number;

  @Field(() => Int, {
    description: "Those of them never heard before, and not in the mall's own list of customers.",
  })
  readonly newCustomers!: number;

  @Field(() => Int, { description: 'The others: footfall − newCustomers.' })
  readonly returningCustomers!: number;
}

export function mallFootfallRow(row: MallFootfall): MallFootfallType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    footfall: row.footfall,
    newCustomers: row.newCustomers,
    returningCustomers: row.returningCustomers,
  };
}
