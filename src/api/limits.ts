import {
  type ASTNode,
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Tokens of a query text: a dashboard of a hundred questions has about 3,000. Texts beyond are read no further. */
export const QUERY_TOKENS_MAX = 5_000;

/** Questions of one request, under whatever names: a dashboard has some dozens. */
export const QUESTIONS_MAX = 100;

/** Fields inside of fields: the deepest answer has five. What asks for the schema has its own rule. */
const DEPTH_MAX = 10;
const ALIASES_MAX = 250;
const DIRECTIVES_MAX = 100;

/** What whoever asks may take of a process. */
export interface ApiLimits {
  /** Whether the schema may be asked for, and mistakes are answered with what may have been meant. */
  readonly introspection: boolean;
  /** Of one API key or signed token; null = as many as it likes. */
  readonly requestsPerMinute: number | null;
  /** Values that an answer may have at most, by what its question says. */
  readonly valuesMax: number;
  /** After so long a question is given up. */
  readonly answerMs: number;
  /** Questions that are being answered, or whose answers are being sent, by the process at a time. */
  readonly answersAtOnce: number;
  readonly socketsMax: number;
}

export const API_LIMITS: ApiLimits = {
  introspection: true,
  requestsPerMinute: null,
  valuesMax: 1_000_000,
  answerMs: 10_000,
  answersAtOnce: 100,
  socketsMax: 20_000,
};

/** Rules of validation for what a text may hold, beside those of GraphQL. */
export function limitRules({ introspection }: ApiLimits): ValidationRule[] {
  const rules = [limitQuestions, limitDepth, limitAliases, limitDirectives];
  return introspection ? rules : [...rules, NoSchemaIntrospectionCustomRule];
}

/** What a mistake may have been meant as tells the schema, too. */
export function withoutSuggestion(message: string): string {
  return message.replace(/ ?Did you mean (.+)\?$/, '');
}

/** The same question may be asked under many aliases, but not under any number of them. */
function limitQuestions(context: ValidationContext): ASTVisitor {
  const count = counted(context, QUESTIONS_MAX, 'ask', 'questions; ask the others in further ones');
  return {
    Field(node) {
      if (context.getParentType() === context.getSchema().getQueryType()) count(node);
    },
  };
}

function limitAliases(context: ValidationContext): ASTVisitor {
  const count = counted(context, ALIASES_MAX, 'have', 'aliases; ask in several requests');
  return {
    Field(node) {
      if (node.alias !== undefined) count(node);
    },
  };
}

function limitDirectives(context: ValidationContext): ASTVisitor {
  return {
    Directive: counted(context, DIRECTIVES_MAX, 'have', 'directives; leave out what is not wanted'),
  };
}

/** Reports once, at the first thing beyond the limit. */
function counted(context: ValidationContext, max: number, verb: string, advice: string) {
  let found = 0;
  return (node: ASTNode): void => {
    found++;
    if (found !== max + 1) return;
    context.reportError(new GraphQLError(`a request may ${verb} at most ${max} ${advice}`, { nodes: node }));
  };
}

function limitDepth(context: ValidationContext): ASTVisitor {
  const depths = new Map<string, number>();
  const ofFragment = (fragment: FragmentDefinitionNode | null | undefined): number => {
    if (!fragment) return 0;
    const name = fragment.name.value;
    const known = depths.get(name);
    if (known !== undefined) return known;
    // One that holds itself is another rule's mistake.
    depths.set(name, 0);
    const depth = ofSelections(fragment.selectionSet);
    depths.set(name, depth);
    return depth;
  };
  const ofSelections = ({ selections }: SelectionSetNode): number => {
    let deepest = 0;
    for (const selection of selections) {
      let depth: number;
      if (selection.kind === Kind.FRAGMENT_SPREAD)
        depth = ofFragment(context.getFragment(selection.name.value));
      else if (selection.kind === Kind.INLINE_FRAGMENT) depth = ofSelections(selection.selectionSet);
      else if (selection.name.value.startsWith('__')) depth = 0;
      else depth = 1 + (selection.selectionSet ? ofSelections(selection.selectionSet) : 0);
      deepest = Math.max(deepest, depth);
    }
    return deepest;
  };
  return {
    OperationDefinition(node) {
      if (ofSelections(node.selectionSet) <= DEPTH_MAX) return;
      const message = `a request may have fields inside of fields at most ${DEPTH_MAX} deep`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}
