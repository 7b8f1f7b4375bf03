import { parser } from '@prometheus-io/lezer-promql';

export interface ParsedExpression {
  /** Where the parser had to guess; empty for a right expression. */
  readonly mistakes: readonly string[];
  readonly metrics: readonly string[];
}

export function parseExpression(text: string): ParsedExpression {
  const mistakes: string[] = [];
  const metrics = new Set<string>();
  parser.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) mistakes.push(`at ${from}: ${text.slice(from, from + 30)}`);
      const isMetric = type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector';
      if (isMetric) metrics.add(text.slice(from, to));
    },
  });
  return { mistakes, metrics: [...metrics] };
}
