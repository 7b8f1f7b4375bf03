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
import { type ApiContext, contextOfRequest, contextOfSubscription } from './api-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { type ErrorFormatter, withCode } from './error-formatter.ts';
import { limitQuestions, QUERY_TOKENS_MAX } from './query-limits.ts';
import { refuseMutation } from './runnable-operation.ts';
import { keyOf, SharedAnswer, SharedSubscriptions } from './shared-subscriptions.ts';
import { tellsChanges } from './tells-changes.ts';

const RULES = [...specifiedRules, limitQuestions];

/** Who is at the other end of a socket. */
export interface SocketAsker {
  /** Undefined until `connection_init`. */
  rights: Rights | undefined;
  /** Closes the socket as one that is not let in, or no longer. */
  turnAway(why: string): void;
  /** What stands for these bytes in a message until it is sent. */
  hold(bytes: Buffer): FormattedExecutionResult;
}

/** Of a subscription: what `SharedSubscriptions` needs to know of it. */
interface SubscriptionContext extends ApiContext {
  readonly operationKey: string;
  readonly tellsChanges: boolean;
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
  const shared = new SharedSubscriptions((result) => Buffer.from(JSON.stringify(formatted(result, format))));
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
    subscribe: (args) => {
      const { operationKey: key, tellsChanges } = args.contextValue as SubscriptionContext;
      return shared.subscribe({ args, key, tellsChanges });
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
    onNext: ({ extra }, _id, _payload, _args, result) =>
      result instanceof SharedAnswer ? extra.hold(result.bytes) : formatted(result, format),
    onError: (_context, _id, _payload, errors) => errors.map(format),
  });
}

function formatted(
  { errors, ...result }: { readonly errors?: readonly GraphQLError[] | undefined },
  format: ErrorFormatter,
): FormattedExecutionResult {
  return errors ? { ...result, errors: errors.map(format) } : result;
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
      ? ({
          ...contextOfSubscription(ask, rights),
          operationKey: keyOf(rights.group, query, operationName, variables),
          tellsChanges: tellsChanges(schema, operation),
        } satisfies SubscriptionContext)
      : contextOfRequest(ask, rights);
  return { schema, document, operationName, variableValues: variables, contextValue } satisfies ExecutionArgs;
}
