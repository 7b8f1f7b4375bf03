import { Field, ObjectType } from 'type-graphql';
import type { Page } from '../../query/answers.ts';

@ObjectType('PageInfo', { simpleResolvers: true, description: 'How to go on after a page.' })
export class PageInfoType {
  @Field(() => String, {
    nullable: true,
    description: 'Give it as `after` to get the next page; null when the page is empty.',
  })
  readonly endCursor!: string | null;

  @Field(() => Boolean, { description: 'Whether anything follows.' })
  readonly hasNextPage!: boolean;
}

/** A page of rows as a connection of nodes. */
export function connection<Row, Node>(
  { nodes, endCursor, hasNextPage }: Page<Row>,
  toNode: (row: Row) => Node,
): { nodes: Node[]; pageInfo: PageInfoType } {
  return { nodes: nodes.map(toNode), pageInfo: { endCursor, hasNextPage } };
}
