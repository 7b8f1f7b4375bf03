import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { accessPoints } from '../../query/access-points.ts';
import { mall } from '../../query/mall.ts';
import { malls } from '../../query/malls.ts';
import type { ApiContext } from '../api-context.ts';
import { aRowAMall, aRowAnAccessPoint } from '../costs.ts';
import { Needs } from '../needs.ts';
import { AccessPointType, accessPointAnswer } from '../types/access-point.type.ts';
import { MallType, mallAnswer } from '../types/mall.type.ts';

/** Which malls there are, and how they are equipped. */
@Resolver(() => MallType)
export class MallResolver {
  @Needs('analytics')
  @Query(() => [MallType], { complexity: aRowAMall, description: 'Every mall that is served, by code.' })
  async malls(@Ctx() { ask }: ApiContext) {
    return (await malls(ask)).map(mallAnswer);
  }

  @Needs('analytics')
  @Query(() => MallType, { description: 'One mall.' })
  async mall(
    @Ctx() { ask }: ApiContext,
    @Arg('code', () => String, { description: 'Code of the mall; the query `malls` lists them.' })
    code: string,
  ) {
    return mallAnswer(await mall(ask, code));
  }

  @FieldResolver(() => [AccessPointType], {
    complexity: aRowAnAccessPoint,
    description:
      'The access points of its plan, and of those that only records name the 10,000 heard last, with what each one ' +
      'sent last.',
  })
  async accessPoints(@Ctx() { ask }: ApiContext, @Root() { code }: MallType) {
    return (await accessPoints(ask, code)).map(accessPointAnswer);
  }
}
