import { GraphQLError, type OperationDefinitionNode, OperationTypeNode } from 'graphql';

/** Why an operation that is valid GraphQL cannot be run here, over any transport; undefined when it can. */
export function refuseMutation({ operation }: OperationDefinitionNode): GraphQLError | undefined {
  if (operation !== OperationTypeNode.MUTATION) return undefined;
  const message = 'there are no mutations: records go to POST /v1/probes/<mall>';
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED', ...BAD_REQUEST } });
}

/** As above, of a request over HTTP, which is answered once. */
export function refuseSubscription({ operation }: OperationDefinitionNode): GraphQLError | undefined {
  if (operation !== OperationTypeNode.SUBSCRIPTION) return undefined;
  const message = 'subscriptions go over a WebSocket (graphql-transport-ws) at the same path';
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', ...BAD_REQUEST } });
}

/** Over HTTP the status of such an answer; no answer shows it. */
const BAD_REQUEST = { http: { status: 400 } };
