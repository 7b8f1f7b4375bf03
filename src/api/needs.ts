import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';
import { demand } from '../access/demand.ts';
import type { Scope } from '../access/scopes.ts';
import type { ApiContext } from './api-context.ts';

/** Arguments by which a question may name its mall. */
const MALL_ARGUMENTS = ['mall', 'code'];

type Arguments = Readonly<Record<string, unknown>>;

/** What an asker must have the right to, for the mall that is asked about. On every question, and every subscription. */
export function Needs(...scopes: readonly Scope[]): MethodDecorator & PropertyDecorator {
  return Extensions({ needs: scopes });
}

/**
 * Has every question and subscription check the rights of its asker before anything else is done, and say in its
 * description which it needs; a question ends with the deadline of its request. Throws for one that names none: it would be open to everybody.
 */
export function enforceNeeds(schema: GraphQLSchema): void {
  for (const type of [schema.getQueryType()!, schema.getSubscriptionType()!]) enforceOn(type);
}

function enforceOn(type: GraphQLObjectType<unknown, ApiContext>): void {
  for (const field of Object.values(type.getFields())) {
    const needs = field.extensions.needs as readonly Scope[] | undefined;
    if (needs === undefined) throw new Error(`${type.name}.${field.name} names no scope that it needs`);
    const named = needs.map((scope) => `\`${scope}\``).join(' and ');
    field.description = `${field.description}\n\nNeeds ${named}.`;
    const { resolve, subscribe } = field;
    const check = (args: Arguments, { rights }: ApiContext) => {
      const { [MALL_ARGUMENTS.find((name) => name in args) ?? '']: mall } = args;
      demand(rights, args.mac == null ? needs : [...needs, 'identify'], mall as string | undefined);
    };
    if (subscribe) {
      field.subscribe = (root, args, context, info) => {
        check(args, context);
        return subscribe(root, args, context, info);
      };
    } else if (resolve) {
      field.resolve = (root, args, context, info) => {
        check(args, context);
        const answer: unknown = resolve(root, args, context, info);
        const { deadline } = context;
        return deadline && answer instanceof Promise ? deadline.orPassed(answer) : answer;
      };
    }
  }
}
