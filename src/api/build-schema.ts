import './reflection.ts';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { SCOPES } from '../access/scopes.ts';
import { ERROR_CODES } from './error-codes.ts';
import { enforceNeeds } from './needs.ts';
import { CustomerResolver } from './resolvers/customer.resolver.ts';
import { FootfallResolver } from './resolvers/footfall.resolver.ts';
import { FootfallUpdatesResolver } from './resolvers/footfall-updates.resolver.ts';
import { IngestResolver } from './resolvers/ingest.resolver.ts';
import { MallResolver } from './resolvers/mall.resolver.ts';
import { PositionResolver } from './resolvers/position.resolver.ts';
import { PositionUpdatesResolver } from './resolvers/position-updates.resolver.ts';

const DESCRIPTION = [
  'Who is where in a mall, live and exactly. A footfall is a number of distinct devices, never of people.',
  '',
  'What a token may ask is told by its scopes, each for the malls that it names:',
  '',
  ...Object.entries(SCOPES).map(([scope, meaning]) => `- ${scope}: ${meaning}`),
  '',
  'An error carries one of these as `extensions.code`:',
  '',
  ...Object.entries(ERROR_CODES).map(([code, meaning]) => `- ${code}: ${meaning}`),
].join('\n');

/**
 * TypeGraphQL wants a broker wherever there are subscriptions. Ours have none: a broker has one queue for all
 * subscribers, and a slow one would overflow it or lose the events of the others.
 */
const NO_BROKER: PubSub = {
  publish: refuseBroker,
  subscribe: refuseBroker,
};

function refuseBroker(): never {
  throw new Error('a subscription answers with its own iterable, from `subscribe`');
}

/** The schema of the API. Resolvers hold nothing of their own: whom they ask comes with each request's context. */
export function buildFootfallSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [
      MallResolver,
      FootfallResolver,
      PositionResolver,
      CustomerResolver,
      IngestResolver,
      FootfallUpdatesResolver,
      PositionUpdatesResolver,
    ],
    validate: false,
    pubSub: NO_BROKER,
  });
  enforceNeeds(schema);
  schema.description = DESCRIPTION;
  schema.getQueryType()!.description = 'What can be asked once.';
  schema.getSubscriptionType()!.description =
    'What can be watched: an answer at once, and a new one whenever it changes.';
  return schema;
}
