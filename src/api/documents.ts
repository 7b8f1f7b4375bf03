import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { withCode } from './error-formatter.ts';
import { type ApiLimits, limitRules, QUERY_TOKENS_MAX } from './limits.ts';

const TEXT_SIGNS_MAX = 4 << 20;

/** Query texts that were read and found valid: dashboards ask the same ones over and over. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #rules: Parameters<typeof validate>[2];
  readonly #known = new LRUCache<string, DocumentNode>({
    maxSize: TEXT_SIGNS_MAX,
    sizeCalculation: (_document, text) => text.length + 1,
  });

  constructor(schema: GraphQLSchema, limits: ApiLimits) {
    this.#schema = schema;
    this.#rules = [...specifiedRules, ...limitRules(limits)];
  }

  /** The document, or why there is none. */
  read(text: string): DocumentNode | GraphQLError[] {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: QUERY_TOKENS_MAX });
    } catch (error) {
      // The one other thing that reading a text can throw is a RangeError: the stack is full.
      const unread = error instanceof GraphQLError ? error : new GraphQLError('nested too deep to be read');
      return [withCode(unread, 'GRAPHQL_PARSE_FAILED')];
    }
    const invalid = validate(this.#schema, document, this.#rules);
    if (invalid.length > 0) return invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    this.#known.set(text, document);
    return document;
  }
}
