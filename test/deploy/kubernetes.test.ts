import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { filesUnder, ROOT, yamlOf, yamlsOf } from './deployed-files.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: never;
}
interface Kustomization {
  readonly kind: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly path?: string }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files?: readonly string[] }[];
}
interface PodSpec {
  readonly securityContext: object;
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}
interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly volumeMounts: readonly { readonly name: string }[];
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

const BASE = 'deploy/kubernetes/base';
const CHECKED_BY: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceAccount,
};
const manifests = filesUnder(BASE)
  .filter((path) => !path.endsWith('kustomization.yaml'))
  .flatMap((path) => yamlsOf<Manifest>(path));
const kustomizations = filesUnder('deploy').filter((path) => path.endsWith('kustomization.yaml'));
const named = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const templatesOf = named('Deployment').map(
  ({ metadata, spec }) =>
    [
      metadata.name,
      (spec as unknown as { template: { metadata: { labels: Record<string, string> }; spec: PodSpec } })
        .template,
    ] as const,
);

describe('manifests of the base', () => {
  test.each(manifests.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s is what the Kubernetes API takes',
    (kind, _name, manifest) => {
      expect(Object.keys(CHECKED_BY)).toContain(kind);
      expect(() => new CHECKED_BY[kind]!(manifest as never).validate()).not.toThrow();
    },
  );

  test('the check sees what the API would refuse', () => {
    const wrong = { metadata: { name: 'x' }, spec: { maxUnavailable: 1, selector: { matchLabels: 'x' } } };
    expect(() => new PodDisruptionBudget(wrong as never).validate()).toThrow(/must be object/);
  });

  test.each(templatesOf)(
    '%s runs restricted: not as root, nothing to write, no capability, no token',
    (_name, { spec }) => {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of [...spec.initContainers, ...spec.containers]) {
        expect(container).toMatchObject({
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: {
            requests: { cpu: expect.anything(), memory: expect.anything() },
            limits: { cpu: expect.anything(), memory: expect.anything() },
          },
        });
        const volumes = spec.volumes.map(({ name }) => name);
        for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
      }
    },
  );

  test.each(templatesOf)(
    '%s is started, watched and asked for work on ports that it has',
    (_name, { spec }) => {
      const [container] = spec.containers;
      const { startupProbe, livenessProbe, readinessProbe, ports } = container!;
      for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
        expect(ports!.map(({ name }) => name)).toContain(probe!.httpGet.port);
      }
      expect([livenessProbe!.httpGet.path, readinessProbe!.httpGet.path]).toEqual(['/livez', '/readyz']);
    },
  );

  test('services, budgets, the autoscaler and the ingress mean deployments and services that there are', () => {
    const labels = templatesOf.map(([, { metadata }]) => metadata.labels);
    const selectors = [
      ...named('Service').map(({ spec }) => (spec as unknown as { selector: object }).selector),
      ...named('PodDisruptionBudget').map(
        ({ spec }) => (spec as unknown as { selector: { matchLabels: object } }).selector.matchLabels,
      ),
    ];
    for (const selector of selectors) expect(labels).toContainEqual(expect.objectContaining(selector));
    const [autoscaler] = named('HorizontalPodAutoscaler');
    const target = (autoscaler!.spec as unknown as { scaleTargetRef: { name: string } }).scaleTargetRef.name;
    expect(templatesOf.map(([name]) => name)).toContain(target);
    const backends = JSON.stringify(named('Ingress')).matchAll(/"service":\{"name":"([^"]+)"/g);
    const services = named('Service').map(({ metadata }) => metadata.name);
    for (const [, name] of backends) expect(services).toContain(name);
  });

  test('everything is denied that is not allowed', () => {
    const [first] = named('NetworkPolicy');
    expect(first!.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });
});

describe('kustomizations', () => {
  test.each(kustomizations)('%s names files that are there', (path) => {
    const kustomization = yamlOf<Kustomization>(path);
    const folder = dirname(path);
    const files = [
      ...(kustomization.patches ?? []).flatMap(({ path }) => (path === undefined ? [] : [path])),
      ...(kustomization.configMapGenerator ?? []).flatMap(({ files = [] }) => files),
    ];
    for (const file of files) expect(existsSync(join(ROOT, folder, file))).toBe(true);
    for (const entry of [...(kustomization.resources ?? []), ...(kustomization.components ?? [])]) {
      const target = join(ROOT, folder, entry);
      const file = statSync(target).isDirectory() ? join(target, 'kustomization.yaml') : target;
      expect(existsSync(file)).toBe(true);
    }
  });

  test('every manifest of the base is part of it', () => {
    const parts = yamlOf<Kustomization>(`${BASE}/kustomization.yaml`).resources!.map((name) =>
      normalize(`${BASE}/${name}`),
    );
    expect(filesUnder(BASE).filter((path) => !path.endsWith('kustomization.yaml'))).toEqual(
      [...parts].sort(),
    );
  });

  test('the rules of the component are those of deploy/prometheus', () => {
    const rules = yamlOf<{ spec: { groups: unknown[] } }>(
      'deploy/kubernetes/components/monitoring/prometheus-rules.yaml',
    );
    const groups = ['recording.yml', 'alerts.yml'].flatMap(
      (name) => yamlOf<{ groups: unknown[] }>(`deploy/prometheus/${name}`).groups,
    );
    expect(rules.spec.groups).toEqual(groups);
  });
});
