import { Field, Int, ObjectType } from 'type-graphql';
import type { HourlyFootfall } from '../../query/answers.ts';
import { DateTime } from '../scalars.ts';
import { instantText } from '../texts.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';

@ObjectType('HourlyFootfall', {
  implements: DayRowType,
  simpleResolvers: true,
  description:
    'How many devices were heard in one hour of the day. A device counts in every hour that heard it.',
})
export class HourlyFootfallType extends DayRowType {
  @Field(() => DateTime, {
    description:
      'The instant at which the hour begins. Days around a clock change have 23 or 25 hours; an hour that comes twice ' +
      'is two hours.',
  })
  readonly hourStart!: string;

  @Field(() => Int, { description: 'Distinct devices heard in that hour.' })
  readonly footfall!: number;
}

export function hourlyFootfallRow(row: HourlyFootfall): HourlyFootfallType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    hourStart: instantText(row.hourStartS),
    footfall: row.footfall,
  };
}
