/**
 * TypeGraphQL looks up the types that a compiler would have written down beside each decorator. Ours writes none,
 * since every decorator names its GraphQL type; so the answer to its question is always "none", and a decorator
 * that forgot its type is refused at start.
 */
const reflect = Reflect as typeof Reflect & { getMetadata?: () => undefined };
reflect.getMetadata ??= () => undefined;

export {};
