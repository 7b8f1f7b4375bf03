import { ArgsType, Field } from 'type-graphql';

@ArgsType()
export class MallArgs {
  @Field(() => String, { description: 'Code of the mall; the query `malls` lists them.' })
  readonly mall!: string;
}
