import { type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import { Extensions } from 'type-graphql';

/** On a question: its answer is made of the mall's directory and of days alone, and is the same until they change. */
export function FromDays(): MethodDecorator & PropertyDecorator {
  return Extensions({ fromDays: true });
}

/** Whether everything that a query asks for is of that kind; what hides in a fragment is not taken to be. */
export function isFromDays(schema: GraphQLSchema, { selectionSet }: OperationDefinitionNode): boolean {
  const fields = schema.getQueryType()!.getFields();
  return selectionSet.selections.every(
    (selection) =>
      selection.kind === Kind.FIELD &&
      (selection.name.value === '__typename' || fields[selection.name.value]?.extensions.fromDays === true),
  );
}
