import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeOnlyWhere } from '../only-where.ts';
import { filesUnder, ROOT, textOf, yamlOf } from './deployed-files.ts';
import { metricsKnown } from './known-metrics.ts';
import { parseExpression } from './promql.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: { readonly summary: string; readonly runbook_url: string };
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const rulesOf = (path: string) =>
  yamlOf<{ groups: readonly { rules: readonly Rule[] }[] }>(path).groups.flatMap(({ rules }) => rules);

const alerts = rulesOf('deploy/prometheus/alerts.yml');
const recording = rulesOf('deploy/prometheus/recording.yml');
const dashboard = JSON.parse(textOf('deploy/grafana/dashboards/footfall.json')) as {
  panels: readonly Panel[];
};
const isKnown = metricsKnown(recording.map(({ record }) => record!));

const expressions: [string, string][] = [
  ...[...recording, ...alerts].map(({ record, alert, expr }): [string, string] => [record ?? alert!, expr]),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [
      `panel "${title}"`,
      // Grafana puts values in their place before Prometheus sees them.
      expr.replaceAll('$__range', '1h'),
    ]),
  ),
];

describe('expressions of Prometheus', () => {
  test.each(expressions)('%s is right, and asks for metrics that there are', (_name, text) => {
    const { mistakes, metrics } = parseExpression(text);
    expect(mistakes).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((name) => !isKnown(name))).toEqual([]);
  });

  test.each(['sum by (mall) (rate(x[5m])', 'rate(x[5 minutes])', 'x > ', 'x{mall=}'])(
    'the parser sees what is wrong with %s',
    (text) => {
      expect(parseExpression(text).mistakes).not.toEqual([]);
    },
  );

  test('a name that nobody exports is seen', () => {
    expect(isKnown('footfall_lag_second')).toBe(false);
    expect(isKnown('footfall_graphql_seconds_bucket')).toBe(true);
  });
});

describe('alerts', () => {
  test.each(alerts.map((rule) => [rule.alert!, rule] as const))(
    '%s says how bad, what, and where to read on',
    (_name, rule) => {
      expect(rule.labels?.severity).toMatch(/^(critical|warning)$/);
      expect(rule.for).toMatch(/^\d+[sm]$/);
      const page = textOf(rule.annotations!.runbook_url);
      expect(page.startsWith(`# ${rule.alert}\n`)).toBe(true);
      for (const part of ['**Meaning.**', '**Impact.**', '## Diagnosis', '## Mitigation'])
        expect(page).toContain(part);
      const named = [...rule.annotations!.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
      for (const label of named)
        expect(`${rule.expr} ${labelsOfRecorded(rule.expr)}`).toMatch(new RegExp(`\\b${label}\\b|up\\{`));
    },
  );

  test('have names that differ, and no page is without its alert', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    const pages = filesUnder('deploy/runbook').filter((path) => basename(path) !== 'README.md');
    expect(pages).toEqual(alerts.map(({ annotations }) => annotations!.runbook_url).sort());
  });

  test.each(filesUnder('deploy/runbook'))('%s links to pages that are there', (path) => {
    for (const [, link] of textOf(path).matchAll(/\]\(([^)]+\.md)\)/g)) {
      const target = new URL(link!, `file:///${path}`).pathname.slice(1);
      expect(() => textOf(target)).not.toThrow();
    }
  });
});

describe('the dashboard', () => {
  test('has panels that say what they show, each with a number of its own', () => {
    const shown = dashboard.panels.filter(({ targets }) => targets !== undefined);
    for (const { description } of shown) expect(description).toMatch(/\.$/);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

/** The expressions behind the recorded names of an expression: the labels stand there. */
function labelsOfRecorded(text: string): string {
  return recording
    .filter(({ record }) => text.includes(record!))
    .map(({ expr }) => expr)
    .join(' ');
}

const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;

describeOnlyWhere(
  HAS_PROMTOOL,
  'alerts over time, in Prometheus itself',
  'there is no promtool on the PATH',
)('alerts over time', () => {
  test('fire when they should, and not otherwise', () => {
    const { status, stdout, stderr } = spawnSync(
      'promtool',
      ['test', 'rules', join(ROOT, 'deploy/prometheus/alerts.test.yml')],
      { encoding: 'utf8' },
    );
    expect(`${status} ${stdout}${stderr}`).toMatch(/^0 /);
  });
});
