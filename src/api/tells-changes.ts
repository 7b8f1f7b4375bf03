import { type GraphQLSchema, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import { Extensions } from 'type-graphql';

/** On a subscription: its answers after the first tell what changed, and whoever misses one needs all again. */
export function TellsChanges(): MethodDecorator & PropertyDecorator {
  return Extensions({ tellsChanges: true });
}

/** Whether the one field of a subscription tells changes; one that hides in a fragment is taken to. */
export function tellsChanges(schema: GraphQLSchema, { selectionSet }: OperationDefinitionNode): boolean {
  const name = firstField(selectionSet);
  if (name === undefined) return true;
  return schema.getSubscriptionType()?.getFields()[name]?.extensions.tellsChanges === true;
}

function firstField({ selections }: SelectionSetNode): string | undefined {
  const [first] = selections;
  return first?.kind === Kind.FIELD ? first.name.value : undefined;
}
