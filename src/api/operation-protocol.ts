import {
  type ExecutionArgs,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { type ConnectionInitMessage, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { AccessRefused } from '../access/access-refused.ts';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import type { Rights } from '../access/rights.ts';
import type { Ask } from '../query/answers.ts';
import { contextOfRequest, contextOfSubscription } from './api-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { type ErrorFormatter, withCode } from './error-formatter.ts';
import { limitQuestions, QUERY_TOKENS_MAX } from './query-limits.ts';
import { refuseMutation } from './runnable-operation.ts';

const RULES = [...specifiedRules, limitQuestions];

/** Who is at the other end of a socket. */
export interface SocketAsker {
  /** Undefined until `connection_init`. */
  rights: Rights | undefined;
  /** Closes the socket as one that is not let in, or no longer. */
  turnAway(why: string): void;
}

/** Operations of one socket that may run, or wait to be read, at once. */
const OPERATIONS_MAX = 50;

/**
 * The graphql-transport-ws protocol over this schema: queries and subscriptions alike, with the error codes that
 * HTTP has. A socket that is not let in is closed with 4403.
 */
export function createOperationProtocol(options: {
  readonly schema: GraphQLSchema;
  readonly ask: Ask;
  readonly doorkeeper: Doorkeeper;
  readonly format: ErrorFormatter;
  readonly metrics: ApiMetrics;
}): Server<SocketAsker> {
  const { schema, ask, doorkeeper, format, metrics } = options;
  /** How to end what was counted as begun, by the socket and the id of its operation. */
  const running = new WeakMap<object, Map<string, () => void>>();
  return makeServer<ConnectionInitMessage['payload'], SocketAsker>({
    onConnect: async ({ connectionParams, extra }) => {
      try {
        extra.rights = await doorkeeper.admit(
          connectionParams?.authorization ?? connectionParams?.Authorization,
        );
        return true;
      } catch (error) {
        if (!(error instanceof AccessRefused)) throw error;
        extra.turnAway(error.message);
        return false;
      }
    },
    onSubscribe: ({ subscriptions, extra }, _id, payload) => {
      if (Object.keys(subscriptions).length <= OPERATIONS_MAX) {
        return prepare({ schema, ask, rights: extra.rights! }, payload);
      }
      const message = `at most ${OPERATIONS_MAX} operations run at once on one socket: complete some first`;
      return [new GraphQLError(message, { extensions: { code: 'TOO_MANY_OPERATIONS' } })];
    },
    onOperation: (context, id, _payload, { document, operationName }, result) => {
      if (!isAsyncIterable(result)) return;
      const ends = running.get(context) ?? new Map<string, () => void>();
      running.set(
        context,
        ends.set(id, metrics.subscribed(getOperationAST(document, operationName) ?? undefined)),
      );
    },
    onComplete: (context, id) => {
      running.get(context)?.get(id)?.();
      running.get(context)?.delete(id);
    },
    onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
      errors ? ({ ...result, errors: errors.map(format) } as FormattedExecutionResult) : undefined,
    onError: (_context, _id, _payload, errors) => errors.map(format),
  });
}

function isAsyncIterable(result: unknown): boolean {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

/** An operation ready to run, or why it is not: each step is refused with its own code. */
function prepare(
  { schema, ask, rights }: { readonly schema: GraphQLSchema; readonly ask: Ask; readonly rights: Rights },
  payload: SubscribePayload,
) {
  const { query, variables, operationName } = payload;
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query, { maxTokens: QUERY_TOKENS_MAX });
  } catch (error) {
    // The one other thing that reading a text can throw is a RangeError: the stack is full.
    const unread = error instanceof GraphQLError ? error : new GraphQLError('nested too deep to be read');
    return [withCode(unread, 'GRAPHQL_PARSE_FAILED')];
  }
  const invalid = validate(schema, document, RULES);
  if (invalid.length > 0) return invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    const message = 'name the operation to run by `operationName`, as the query spells it';
    return [new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })];
  }
  const refused = refuseMutation(operation);
  if (refused) return [refused];
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  if (errors) return errors.map((error) => withCode(error, 'BAD_USER_INPUT'));
  const contextValue =
    operation.operation === OperationTypeNode.SUBSCRIPTION
      ? contextOfSubscription(ask, rights)
      : contextOfRequest(ask, rights);
  return { schema, document, operationName, variableValues: variables, contextValue } satisfies ExecutionArgs;
}
