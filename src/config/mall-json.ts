import { z } from 'zod';
import { Calendar, parseDay } from '../calendar.ts';
import type { MallSettings } from '../terms.ts';
import type { DirectoryProblems } from './mall-directory-error.ts';
import { nearestName } from './nearest-name.ts';
import { quoted } from './quoted.ts';

const FILE = 'mall.json';
const NAME_CHARACTERS_MAX = 200;
/** Corners of density cells stay within the 32 bits of a GraphQL Int. */
const DENSITY_CELL_MAX = 1_000_000_000;

export interface MallJson {
  readonly name: string;
  readonly timeZone: string;
  readonly settings: MallSettings;
}

const SETTINGS = z.strictObject(
  {
    since: dateText().default(parseDay('2010-01-01')!),
    futureSkewSeconds: wholeNumber(0, 3_600).default(120),
    latenessSeconds: wholeNumber(0, 3_600).default(60),
    visitGapSeconds: wholeNumber(10, 7_200).default(600),
    settleDelaySeconds: wholeNumber(0, 86_400).default(7_200),
    settleQuietSeconds: wholeNumber(1, 3_600).default(30),
    densityCell: wholeNumber(1, DENSITY_CELL_MAX).default(500),
  },
  { error: notAnObject('an object of settings') },
);

const MALL = z.strictObject(
  {
    name: z
      .string({ error: needs('a text, the name that people call the mall') })
      .trim()
      .min(1, { error: 'is empty; write the name that people call the mall' })
      .max(NAME_CHARACTERS_MAX, { error: `is longer than ${NAME_CHARACTERS_MAX} characters; shorten it` }),
    timeZone: z
      .string({ error: needs('an IANA time zone such as "Asia/Shanghai"') })
      .refine(isTimeZone, { error: ({ input }) => noTimeZone(input as string) }),
    settings: SETTINGS.prefault({}),
  },
  { error: notAnObject('one object: { "name", "timeZone", "settings" }') },
);

/** Name, time zone and settings of a mall; undefined after telling `problems` everything that is wrong. */
export function readMallJson(text: string, problems: DirectoryProblems): MallJson | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    problems.add(FILE, null, `is not JSON (${(error as Error).message})`);
    return undefined;
  }
  const read = MALL.safeParse(value);
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    for (const reason of reasons(issue)) problems.add(FILE, null, reason);
  }
  return undefined;
}

function reasons(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [[issue.path.join('.'), issue.message].join(' ').trim()];
  const known = Object.keys(issue.path.length === 0 ? MALL.shape : SETTINGS.shape);
  return issue.keys.map((key) => {
    const place = [...issue.path, key].join('.');
    return `${place} is unknown; did you mean ${nearestName(key, known)}?`;
  });
}

/** Unknown keys are told one by one instead. */
function notAnObject(what: string): z.core.$ZodErrorMap {
  return ({ code }) => (code === 'invalid_type' ? `must be ${what}` : undefined);
}

function wholeNumber(min: number, max: number): z.ZodType<number> {
  const error = needs(`a whole number from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function dateText() {
  const error = needs('a date from 1970-01-01 on, such as "2010-01-01"');
  return z.string({ error }).transform((text, context) => {
    const day = parseDay(text);
    if (day !== undefined) return day;
    context.issues.push({ code: 'custom', input: text, message: error({ input: text }) });
    return z.NEVER;
  });
}

function needs(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) =>
    input === undefined ? `is missing; it must be ${what}` : `is ${shown(input)}; it must be ${what}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Offsets such as "+08:00", which newer Nodes take too, are none: their days never change the clock. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Calendar(name);
    return true;
  } catch {
    return false;
  }
}

function noTimeZone(name: string): string {
  const nearest = nearestName(name, Intl.supportedValuesOf('timeZone'));
  return `is ${quoted(name)}, which is no IANA time zone; did you mean ${quoted(nearest ?? 'UTC')}?`;
}
