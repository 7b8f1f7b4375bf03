import { type Figure, type Target, type Unit, verdict } from './figure.ts';
import type { PartResult, Report } from './report.ts';

const HEADER = ['figure', 'measured', 'target', '', 'detail'];
const RIGHT_ALIGNED = new Set([1, 2]);

/** The report as aligned text: each part under a line of its own, each figure beside its target. */
export function formatTable({ machine, parts }: Report): string {
  const { cpu, cores, node, platform } = machine;
  const rows = parts.map(({ figures }) => figures.map(toCells));
  const line = columns([HEADER, ...rows.flat()]);
  const lines = [`${cpu}, ${cores} cores, Node ${node}, ${platform}`, '', line(HEADER)];
  for (const [nth, part] of parts.entries()) {
    lines.push('', heading(part), ...rows[nth]!.map(line));
    if (part.failure !== undefined) lines.push(`failed: ${part.failure}`);
  }
  return `${[...lines, '', conclusion(parts)].join('\n')}\n`;
}

/** Writes rows of cells under each other: all columns as wide as their widest cell. */
function columns(rows: readonly (readonly string[])[]): (cells: readonly string[]) => string {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number) =>
    RIGHT_ALIGNED.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return (cells) => cells.map(pad).join('  ').trimEnd();
}

function conclusion(parts: readonly PartResult[]): string {
  const failed = parts.filter(({ failure }) => failure !== undefined).length;
  const missed = parts
    .flatMap(({ figures }) => figures)
    .filter((figure) => verdict(figure) === 'MISSED').length;
  const said: string[] = [];
  if (failed > 0) said.push(`${failed} ${failed === 1 ? 'part' : 'parts'} failed`);
  if (missed > 0) said.push(`${missed} ${missed === 1 ? 'target is' : 'targets are'} missed`);
  return said.length === 0 ? 'every target is met' : said.join(', ');
}

function heading({ name, seconds, loadBefore }: PartResult): string {
  return `${name}  (${seconds.toFixed(0)} s; load of the machine before: ${loadBefore.toFixed(2)})`;
}

function toCells(figure: Figure): string[] {
  const { name, value, unit, target, detail = '' } = figure;
  return [
    name,
    format(value, unit),
    target === undefined ? '' : formatTarget(target, unit),
    verdict(figure),
    detail,
  ];
}

function formatTarget(target: Target, unit: Unit): string {
  return 'atLeast' in target ? `≥ ${format(target.atLeast, unit)}` : `≤ ${format(target.atMost, unit)}`;
}

/** Three digits that count, so that a column of figures can be compared at a glance. */
function format(value: number, unit: Unit): string {
  if (unit === 'records/s') {
    return value >= 1e6 ? `${(value / 1e6).toFixed(2)}M/s` : `${(value / 1e3).toFixed(0)}k/s`;
  }
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(decimals)} ${unit}`;
}
