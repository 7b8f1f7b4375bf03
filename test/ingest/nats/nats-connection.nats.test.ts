import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { nkeys } from '@nats-io/transport-node';
import { readNatsSettings } from '../../../src/config/nats-settings.ts';
import { NatsAway, openNats } from '../../../src/ingest/nats/nats-connection.ts';
import { type NatsServer, startNats } from '../../nats-server.ts';
import { describeOnlyWhere } from '../../only-where.ts';

const { createAccount, createOperator, createUser } = nkeys;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let server: NatsServer | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-nats-connection-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await server?.dispose();
  server = undefined;
});

function fileOf(name: string, text: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Whether these settings get in, and can do something there. */
async function entersWith(env: Record<string, string>, host = 'nats://127.0.0.1'): Promise<boolean> {
  const problems: string[] = [];
  const settings = readNatsSettings({ NATS_URL: `${host}:${server!.port}`, ...env }, problems);
  expect(problems).toEqual([]);
  try {
    const nats = await openNats(settings, { name: 'test', log });
    await nats.flush();
    await nats.close();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(NatsAway);
    return false;
  }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

/** A token of NATS, signed as its own tools do. */
function jwt(issuer: ReturnType<typeof createUser>, subject: string, nats: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { jti: subject, iat: 1_700_000_000, iss: issuer.getPublicKey(), name: 'test', sub: subject };
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ ...claims, nats: { ...nats, version: 2 } })}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}

describe('a server that asks who comes lets in', () => {
  test('a user with the password', async () => {
    server = await startNats('authorization { users: [{ user: "edge", password: "open" }] }');
    const NATS_PASSWORD_FILE = fileOf('password', 'open\n');
    expect(await entersWith({ NATS_USER: 'edge', NATS_PASSWORD_FILE })).toBe(true);
    expect(await entersWith({ NATS_USER: 'edge', NATS_PASSWORD: 'shut' })).toBe(false);
    expect(await entersWith({})).toBe(false);
  });

  test('a token', async () => {
    server = await startNats('authorization { token: "open" }');
    expect(await entersWith({ NATS_TOKEN: 'open' })).toBe(true);
    expect(await entersWith({ NATS_TOKEN: 'shut' })).toBe(false);
  });

  test('an nkey', async () => {
    const user = createUser();
    server = await startNats(`authorization { users: [{ nkey: "${user.getPublicKey()}" }] }`);
    expect(await entersWith({ NATS_NKEY: fileOf('user.nk', `${text(user.getSeed())}\n`) })).toBe(true);
    expect(await entersWith({ NATS_NKEY: fileOf('other.nk', createUser().getSeed()) })).toBe(false);
  });

  test('credentials of an account', async () => {
    const [operator, account, system, user] = [
      createOperator(),
      createAccount(),
      createAccount(),
      createUser(),
    ];
    const limits = {
      subs: -1,
      conn: -1,
      leaf: -1,
      imports: -1,
      exports: -1,
      data: -1,
      payload: -1,
      wildcards: true,
    };
    const accounts = [account, system].map((of) => {
      const key = of.getPublicKey();
      return `${key}: "${jwt(operator, key, { type: 'account', limits })}"`;
    });
    const ofUser = jwt(account, user.getPublicKey(), { type: 'user', subs: -1, data: -1, payload: -1 });
    const ofOperator = jwt(operator, operator.getPublicKey(), { type: 'operator' });
    server = await startNats(
      `operator: "${ofOperator}"\nresolver: MEMORY\nresolver_preload: { ${accounts.join(', ')} }\nsystem_account: ${system.getPublicKey()}`,
    );
    const creds = (seed: Uint8Array) =>
      `-----BEGIN NATS USER JWT-----\n${ofUser}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${text(seed)}\n------END USER NKEY SEED------\n`;
    expect(await entersWith({ NATS_CREDS: fileOf('user.creds', creds(user.getSeed())) })).toBe(true);
    expect(await entersWith({ NATS_CREDS: fileOf('other.creds', creds(createUser().getSeed())) })).toBe(
      false,
    );
  });
});

const HAS_OPENSSL = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

describeOnlyWhere(
  HAS_OPENSSL,
  'TLS to NATS',
  'openssl is not on the PATH',
)('over TLS', () => {
  function openssl(...args: string[]): void {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }

  /** A certificate with its key, signed by an authority of the test. */
  function certify(name: string, more: string): void {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    fileOf(`${name}.ext`, more);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    );
  }

  test('only who trusts the server, and whom it trusts, gets in', async () => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=ca',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    );
    certify('server', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
    certify('edge', 'extendedKeyUsage=clientAuth\n');
    const file = (name: string) => join(folder, name);
    server = await startNats(
      `tls { cert_file: "${file('server.crt')}", key_file: "${file('server.key')}", ca_file: "${file('ca.crt')}", verify: true }`,
    );
    const ours = { NATS_CERT: file('edge.crt'), NATS_KEY: file('edge.key') };
    expect(await entersWith({ NATS_CA: file('ca.crt'), ...ours }, 'tls://localhost')).toBe(true);
    expect(await entersWith({ NATS_CA: file('ca.crt') }, 'tls://localhost')).toBe(false);
    expect(await entersWith({ NATS_CA: file('edge.crt'), ...ours }, 'tls://localhost')).toBe(false);
  });
});
