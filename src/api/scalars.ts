import { GraphQLScalarType, print, type ValueNode } from 'graphql';
import { GraphQLDateTime, GraphQLLocalDate, GraphQLSafeInt } from 'graphql-scalars';
import { Refusal } from '../query/refusal.ts';

export const DateTime = new GraphQLScalarType<Date, string>({
  ...refusing(
    GraphQLDateTime,
    'is not an instant; write it like 2024-06-14T09:30:00Z or 2024-06-14T17:30:00+08:00',
  ),
  description:
    'An instant, written as RFC 3339 has it: answers are in UTC, like `2024-06-14T09:30:00.000Z`; arguments may have ' +
    'any offset, like `2024-06-14T17:30:00+08:00`.',
  serialize: asItIs,
});

export const LocalDate = new GraphQLScalarType<string, string>({
  ...refusing(GraphQLLocalDate, 'is not a date that exists; write it as YYYY-MM-DD, like 2024-06-14'),
  description: "A day of the mall's own calendar, in its own time zone, as `YYYY-MM-DD`.",
  serialize: asItIs,
});

export const SafeInt = new GraphQLScalarType({
  ...GraphQLSafeInt.toConfig(),
  description: 'A whole number that may be larger than 32 bits hold: up to 2^53 − 1.',
});

/** What answers hold is spelled by texts.ts; checking each again would cost as much as the rest of a row. */
function asItIs(text: unknown): string {
  return text as string;
}

/** The same scalar, whose complaint about an argument says what would be right and has the code BAD_DATE. */
function refusing<T>(scalar: GraphQLScalarType<T, T>, complaint: string) {
  const { serialize: _, ...config } = scalar.toConfig();
  const parseValue = (value: unknown): T => {
    try {
      return config.parseValue(value);
    } catch {
      throw new Refusal('BAD_DATE', `${JSON.stringify(value)?.slice(0, 60)} ${complaint}`);
    }
  };
  const parseLiteral = (node: ValueNode): T => parseValue('value' in node ? node.value : print(node));
  return { ...config, parseValue, parseLiteral };
}
