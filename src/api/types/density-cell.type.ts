import { Field, Float, Int, ObjectType } from 'type-graphql';

@ObjectType('DensityCell', {
  simpleResolvers: true,
  description: 'How many devices were in one square of the plan, each by its last position in the minute.',
})
export class DensityCellType {
  @Field(() => String, {
    nullable: true,
    description: 'The storey, as the plan names it; null where it names none.',
  })
  readonly floor!: string | null;

  @Field(() => Float, { description: 'Lower corner of the square, plan units.' })
  readonly x!: number;

  @Field(() => Float, { description: 'Lower corner of the square, plan units.' })
  readonly y!: number;

  @Field(() => Float, { description: 'Edge of the square, plan units.' })
  readonly size!: number;

  @Field(() => Int, {
    description: 'Distinct devices. One whose access point is not in the plan is not counted.',
  })
  readonly devices!: number;
}
