import { Field, Int, ObjectType } from 'type-graphql';
import type { IngestAnswer } from '../../query/answers.ts';
import { DateTime, SafeInt } from '../scalars.ts';
import { instantTextOrNull } from '../texts.ts';
import { DayRowType, dayRowFields } from './day-row.type.ts';
import { DropReasonEnum } from './drop-reason.type.ts';

@ObjectType('DroppedRecords', {
  simpleResolvers: true,
  description: 'Records that were not counted for one reason.',
})
export class DroppedRecordsType {
  @Field(() => DropReasonEnum, { description: 'The reason.' })
  readonly reason!: string;

  @Field(() => SafeInt, { description: 'How many records, repeated ones too.' })
  readonly count!: number;
}

@ObjectType('IngestDay', {
  implements: DayRowType,
  simpleResolvers: true,
  description: 'What came in for one day. Records that came twice are counted twice here, and only here.',
})
export class IngestDayType extends DayRowType {
  @Field(() => SafeInt, { description: 'Records kept that occurred on this day.' })
  readonly kept!: number;

  @Field(() => [DroppedRecordsType], {
    description:
      'Records dropped that were received on this day, by reason; reasons without any are left out.',
  })
  readonly dropped!: readonly DroppedRecordsType[];

  @Field(() => Int, {
    description:
      'Calendar minutes of the day, up to now, in which no kept record occurred: gaps in what was heard.',
  })
  readonly minutesWithoutRecords!: number;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the last kept record of the day occurred; null: none did.',
  })
  readonly lastRecordAt!: string | null;
}

export function ingestDayRow(row: IngestAnswer): IngestDayType {
  const { date, settled, asOf, stale } = dayRowFields(row);
  return {
    date,
    settled,
    asOf,
    stale,
    kept: row.kept,
    dropped: row.dropped,
    minutesWithoutRecords: row.minutesWithoutRecords,
    lastRecordAt: instantTextOrNull(row.lastRecordS),
  };
}
