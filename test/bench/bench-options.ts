import { parseArgs } from 'node:util';

export interface BenchOptions<Name extends string> {
  readonly json: boolean;
  readonly quick: boolean;
  readonly only: readonly Name[];
  readonly days: number;
  readonly profileFolder: string | null;
}

export const HELP = `Usage: npm run bench -- [options]

  --only decode,fold   these parts alone
  --days 90            days of history that the queries are asked of
  --quick              everything small: shows that it runs, measures nothing
  --json               one JSON object instead of the table
  --profile FOLDER     the processes that are measured write their CPU profiles there
`;

/** Throws with what would be right. */
export function parseBenchOptions<Name extends string>(
  args: readonly string[],
  parts: readonly Name[],
): BenchOptions<Name> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      days: { type: 'string', default: '90' },
      profile: { type: 'string' },
    },
  });
  const only = values.only === undefined ? parts : values.only.split(',');
  const unknown = only.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}; there are ${parts.join(', ')}`);
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 2 || days > 1_000) {
    throw new Error(`--days is ${values.days}; it must be a whole number from 2 to 1000`);
  }
  const { json, quick, profile = null } = values;
  return { json, quick, days, only: parts.filter((part) => only.includes(part)), profileFolder: profile };
}
