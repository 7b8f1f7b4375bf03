import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { type GraphQLObjectType, getNamedType, isEnumType, isInterfaceType, isObjectType } from 'graphql';
import { buildFootfallSchema } from '../../src/api/build-schema.ts';
import { printFootfallSchema } from '../../src/api/print-schema.ts';

const schema = buildFootfallSchema();
const DAY = 'date settled asOf stale';

test('the committed schema.graphql is what the code describes', async () => {
  const committed = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8');
  expect(printFootfallSchema()).toBe(committed);
});

test('every type, field, argument and enum value says what it means', () => {
  const silent: string[] = [];
  const check = (name: string, described: { description?: string | null | undefined }) => {
    if (!described.description) silent.push(name);
  };
  for (const type of Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))) {
    check(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field);
      for (const arg of field.args) check(`${type.name}.${field.name}(${arg.name})`, arg);
    }
  }
  expect(silent).toEqual([]);
});

describe('queries have the names, arguments and fields that clients know', () => {
  test.each([
    ['malls', '', 'code name timeZone today shops accessPoints'],
    ['mall', 'code', 'code name timeZone today shops accessPoints'],
    ['mallFootfall', 'mall from to', `footfall newCustomers returningCustomers ${DAY}`],
    ['hourlyFootfall', 'mall from to shop', `hourStart footfall ${DAY}`],
    ['shopFootfall', 'mall from to shops', `shop footfall entered visits dwellSeconds ${DAY}`],
    ['newCustomers', 'mall from to', `newCustomers ${DAY}`],
    ['topShops', 'mall date limit=5', `rank shop footfall ${DAY}`],
    ['peakHour', 'mall from to', `hourStart footfall ${DAY}`],
    ['presentNow', 'mall shop', 'footfall asOf stale'],
    [
      'customerPositions',
      'mall shop at seenWithinSeconds=600',
      'customer at x y floor shop accessPoint rssiDbm randomized provisional',
    ],
    ['customerTrack', 'mall customer mac date', 'at x y floor shop accessPoint rssiDbm'],
    ['density', 'mall at', 'floor x y size devices'],
    ['densityHistory', 'mall from to first=1000 after', 'nodes pageInfo'],
    ['favoriteShop', 'mall customer mac date', `customer shop visits dwellSeconds ${DAY}`],
    ['favoriteShops', 'mall date first=100 after', 'nodes pageInfo'],
    ['repeatShops', 'mall date first=100 after', 'nodes pageInfo'],
    ['customerShops', 'mall customer mac date', `shop visits dwellSeconds firstSeen lastSeen ${DAY}`],
    ['customer', 'mall customer mac', 'customer firstSeen lastSeen imported randomized'],
    ['ingest', 'mall from to', `kept dropped minutesWithoutRecords lastRecordAt ${DAY}`],
  ])('%s(%s)', (name, args, fields) => {
    expect(signature(schema.getQueryType()!, name)).toEqual({ args: words(args), fields: words(fields) });
  });
});

describe('subscriptions have the names, arguments and fields that clients know', () => {
  test.each([
    ['mallFootfall', 'mall', `footfall newCustomers returningCustomers ${DAY}`],
    ['shopFootfall', 'mall', `shop footfall entered visits dwellSeconds ${DAY}`],
    ['hourlyFootfall', 'mall', `hourStart footfall ${DAY}`],
    ['newCustomers', 'mall', `newCustomers ${DAY}`],
    ['topShops', 'mall', `rank shop footfall ${DAY}`],
    ['peakHour', 'mall', `hourStart footfall ${DAY}`],
    ['presentNow', 'mall', 'footfall asOf stale'],
    ['customerPositions', 'mall shop', 'at full positions left'],
    ['density', 'mall', 'at full cells'],
    ['favoriteShop', 'mall customer', `customer shop visits dwellSeconds ${DAY}`],
  ])('%s(%s)', (name, args, fields) => {
    expect(signature(schema.getSubscriptionType()!, name)).toEqual({
      args: words(args),
      fields: words(fields),
    });
  });
});

function signature(root: GraphQLObjectType, name: string): { args: string[]; fields: string[] } {
  const field = root.getFields()[name]!;
  const args = field.args.map((arg) =>
    arg.defaultValue === undefined ? arg.name : `${arg.name}=${arg.defaultValue}`,
  );
  const fields = Object.keys((getNamedType(field.type) as GraphQLObjectType).getFields());
  return { args: args.sort(), fields: fields.sort() };
}

function words(text: string): string[] {
  return text.split(' ').filter(Boolean).sort();
}
