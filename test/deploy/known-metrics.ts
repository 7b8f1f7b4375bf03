import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, ROOT } from './deployed-files.ts';

/** What Prometheus, prom-client and other people's exporters give. */
const OF_OTHERS: readonly string[] = [
  'up',
  'ALERTS',
  'caddy_http_request_duration_seconds_count',
  'nginx_ingress_controller_requests',
  'node_filesystem_avail_bytes',
  'node_filesystem_size_bytes',
  'kubelet_volume_stats_available_bytes',
  'kubelet_volume_stats_capacity_bytes',
  'nodejs_eventloop_lag_p99_seconds',
  'process_resident_memory_bytes',
];

const HISTOGRAM_PARTS = ['_bucket', '_sum', '_count'];

/** Names that the source registers. */
function exportedMetrics(): string[] {
  return filesUnder('src').flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/'(footfall_[a-z_]+)'/g)].map(([, name]) => name!),
  );
}

/** Whether something gives a metric of that name: the product, others, or one of the recording rules named. */
export function metricsKnown(recorded: readonly string[]): (name: string) => boolean {
  const exported = exportedMetrics();
  if (exported.length === 0)
    throw new Error('no metric was found in src: its way to register them has changed');
  const known = new Set([...exported, ...OF_OTHERS, ...recorded]);
  return (name) => {
    const part = HISTOGRAM_PARTS.find((part) => name.endsWith(part));
    return known.has(name) || (part !== undefined && known.has(name.slice(0, -part.length)));
  };
}
