import {
  type ExecutionArgs,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  OperationTypeNode,
} from 'graphql';
import { type ConnectionInitMessage, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { AccessRefused } from '../access/access-refused.ts';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import type { Rights } from '../access/rights.ts';
import type { Ask } from '../query/answers.ts';
import { type ApiContext, contextOfRequest, contextOfSubscription } from './api-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { Deadline } from './deadline.ts';
import type { Documents } from './documents.ts';
import { type ErrorFormatter, withCode } from './error-formatter.ts';
import type { ApiLimits } from './limits.ts';
import { refuseCostly } from './refuse-costly.ts';
import { refuseMutation } from './runnable-operation.ts';
import { keyOf, SharedAnswer, SharedSubscriptions } from './shared-subscriptions.ts';
import { tellsChanges } from './tells-changes.ts';
import { TurnedAway, type Turnstile } from './turnstile.ts';

/** Who is at the other end of a socket. */
export interface SocketAsker {
  /** Undefined until `connection_init`. */
  rights: Rights | undefined;
  /** Closes the socket as one that is not let in, or no longer. */
  turnAway(why: string): void;
  /** What stands for these bytes in a message until it is sent. */
  hold(bytes: Buffer): FormattedExecutionResult;
  /** How to end what was begun for it, by the id of the operation; all of it is ended with the socket. */
  readonly running: Map<string, () => void>;
}

/** Of a subscription: what `SharedSubscriptions` needs to know of it. */
interface SubscriptionContext extends ApiContext {
  readonly operationKey: string;
  readonly tellsChanges: boolean;
}

/** Operations of one socket that may run, or wait to be read, at once. */
const OPERATIONS_MAX = 50;

export interface ProtocolOptions {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly ask: Ask;
  readonly doorkeeper: Doorkeeper;
  readonly turnstile: Turnstile;
  readonly limits: ApiLimits;
  readonly format: ErrorFormatter;
  readonly metrics: ApiMetrics;
}

/**
 * The graphql-transport-ws protocol over this schema: queries and subscriptions alike, with the error codes and limits
 * that HTTP has. A socket that is not let in is closed with 4403.
 */
export function createOperationProtocol(options: ProtocolOptions): Server<SocketAsker> {
  const { doorkeeper, format, metrics } = options;
  const shared = new SharedSubscriptions((result) => Buffer.from(JSON.stringify(formatted(result, format))));
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
    onSubscribe: ({ subscriptions, extra }, id, payload) => {
      if (Object.keys(subscriptions).length <= OPERATIONS_MAX) return prepare(options, extra, id, payload);
      const message = `at most ${OPERATIONS_MAX} operations run at once on one socket: complete some first`;
      return [new GraphQLError(message, { extensions: { code: 'TOO_MANY_OPERATIONS' } })];
    },
    subscribe: (args) => {
      const { operationKey: key, tellsChanges } = args.contextValue as SubscriptionContext;
      return shared.subscribe({ args, key, tellsChanges });
    },
    onOperation: ({ extra }, id, _payload, { document, operationName }, result) => {
      if (!isAsyncIterable(result)) return;
      extra.running.set(id, metrics.subscribed(getOperationAST(document, operationName) ?? undefined));
    },
    onComplete: ({ extra }, id) => {
      extra.running.get(id)?.();
      extra.running.delete(id);
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
async function prepare(
  { schema, documents, ask, turnstile, limits, metrics }: ProtocolOptions,
  asker: SocketAsker,
  id: string,
  payload: SubscribePayload,
): Promise<ExecutionArgs | GraphQLError[]> {
  const rights = asker.rights!;
  const { query, variables, operationName } = payload;
  try {
    await turnstile.charge(rights);
    const document = documents.read(query);
    if (Array.isArray(document)) return document;
    const operation = getOperationAST(document, operationName);
    if (!operation) {
      const message = 'name the operation to run by `operationName`, as the query spells it';
      return [new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })];
    }
    const refused = refuseMutation(operation);
    if (refused) return [refused];
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
    if (errors) return errors.map((error) => withCode(error, 'BAD_USER_INPUT'));
    const context = contextOfSubscription(ask, rights);
    const costly = refuseCostly(schema, { document, operation, variables, context }, limits);
    if (costly) return [costly];
    const args = { schema, document, operationName, variableValues: variables };
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      return { ...args, contextValue: begin({ ask, turnstile, limits }, asker, id) };
    }
    const contextValue: SubscriptionContext = {
      ...context,
      operationKey: keyOf(rights.group, query, operationName, variables),
      tellsChanges: tellsChanges(schema, operation),
    };
    return { ...args, contextValue };
  } catch (error) {
    if (!(error instanceof TurnedAway)) throw error;
    metrics.turnedAway(error.code);
    return [new GraphQLError(error.message, { extensions: { code: error.code } })];
  }
}

/** A query takes up its place until its answer has been read, or the socket is gone. */
function begin(
  { ask, turnstile, limits }: Pick<ProtocolOptions, 'ask' | 'turnstile' | 'limits'>,
  { rights, running }: SocketAsker,
  id: string,
): ApiContext {
  const leave = turnstile.enter();
  const deadline = new Deadline(limits.answerMs);
  running.set(id, () => {
    deadline.giveUp();
    leave();
  });
  return contextOfRequest(ask, rights!, deadline);
}
