import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** Tokens of a query text: a dashboard of a hundred questions has about 3,000. Texts beyond are read no further. */
export const QUERY_TOKENS_MAX = 5_000;

/** Questions of one request, under whatever names: a dashboard has some dozens. */
export const QUESTIONS_MAX = 100;

/** A rule of validation: the same question may be asked under many aliases, but not under any number of them. */
export function limitQuestions(context: ValidationContext): ASTVisitor {
  const schema = context.getSchema();
  let questions = 0;
  return {
    Field(node) {
      if (context.getParentType() !== schema.getQueryType()) return;
      questions++;
      if (questions !== QUESTIONS_MAX + 1) return;
      const message = `a request may ask at most ${QUESTIONS_MAX} questions; ask the others in further ones`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}
