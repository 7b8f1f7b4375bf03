import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildFootfallSchema } from './build-schema.ts';

/** The schema as SDL, sorted, so that the same schema is always the same text. */
export function printFootfallSchema(): string {
  return `${printSchema(lexicographicSortSchema(buildFootfallSchema()))}\n`;
}
