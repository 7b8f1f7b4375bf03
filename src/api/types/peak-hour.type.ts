import { Field, Int, ObjectType } from 'type-graphql';
import type { PeakHour } from '../../query/answers.ts';
import { DateTime } from '../scalars.ts';
import { instantTextOrNull } from '../texts.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';

@ObjectType('PeakHour', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'The busiest hour of one day in the whole mall; of equally busy ones the earliest.',
})
export class PeakHourType extends DayRowType {
  @Field(() => DateTime, {
    nullable: true,
    description: 'The instant at which the hour begins; null on a day without records.',
  })
  readonly hourStart!: string | null;

  @Field(() => Int, { description: 'Distinct devices heard in that hour; 0 on a day without records.' })
  readonly footfall!: number;
}

export function peakHourRow(row: PeakHour): PeakHourType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    hourStart: instantTextOrNull(row.hourStartS),
    footfall: row.footfall,
  };
}
