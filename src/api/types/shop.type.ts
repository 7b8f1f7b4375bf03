import { Field, ObjectType } from 'type-graphql';

@ObjectType('Shop', { simpleResolvers: true, description: 'A shop, as records name it.' })
export class ShopType {
  @Field(() => String, {
    description:
      'The shop code in the records. `?overflow` stands for all further unknown codes of a day that had too many.',
  })
  readonly code!: string;

  @Field(() => String, {
    nullable: true,
    description: "Its name in the mall's shop list as it is now; null where the list does not know the code.",
  })
  readonly name!: string | null;
}
