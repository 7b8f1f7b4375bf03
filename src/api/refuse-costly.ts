import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { fieldExtensionsEstimator, getComplexity, simpleEstimator } from 'graphql-query-complexity';
import type { ApiContext } from './api-context.ts';
import type { ApiLimits } from './limits.ts';

const ESTIMATORS = [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })];

/** Why an operation is not run: its answer could have more values than one may. Undefined when it may be run. */
export function refuseCostly(
  schema: GraphQLSchema,
  asked: {
    readonly document: DocumentNode;
    readonly operation: OperationDefinitionNode;
    readonly variables: Readonly<Record<string, unknown>> | null | undefined;
    readonly context: ApiContext;
  },
  { valuesMax }: Pick<ApiLimits, 'valuesMax'>,
): GraphQLError | undefined {
  const { document, operation, context } = asked;
  const variables = asked.variables ?? {};
  // Variables that do not fit are told of when it is run.
  if (getVariableValues(schema, operation.variableDefinitions ?? [], variables).errors) return undefined;
  const values = valuesOf(() =>
    getComplexity({
      schema,
      query: document,
      variables,
      ...(operation.name && { operationName: operation.name.value }),
      estimators: ESTIMATORS,
      context: context as unknown as Record<string, unknown>,
    }),
  );
  if (values <= valuesMax) return undefined;
  const most = valuesMax.toLocaleString('en-US');
  const message = `the answer could have more than ${most} values (rows times fields); ask for fewer days, fields or questions at a time`;
  return new GraphQLError(message, { extensions: { code: 'TOO_COSTLY', http: { status: 400 } } });
}

/** What it gives up on has fragments in fragments beyond number. */
function valuesOf(count: () => number): number {
  try {
    return count();
  } catch (error) {
    if (error instanceof GraphQLError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
