import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { pino } from 'pino';
import { openMallDirectories } from '../config/mall-directories.ts';
import { readNatsSettings } from '../config/nats-settings.ts';
import { ConfigError, type Settings } from '../config/settings.ts';
import { openNats } from '../ingest/nats/nats-connection.ts';
import { NatsDeadLetters } from '../ingest/nats/nats-dead-letters.ts';
import { NatsOperations } from '../ingest/nats/nats-operations.ts';
import { NatsPublisher } from '../ingest/nats/nats-publisher.ts';
import { OwnerClient } from '../ingest/nats/owner-client.ts';
import type { Operations } from '../ingest/operations.ts';
import { systemClock } from './embedded.ts';
import { Opened } from './opened.ts';
import type { Terminal } from './terminal.ts';

/** Whether commands are meant for the production shape. */
export function isProduction(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.NATS_URL || env.NATS_CONTEXT);
}

/** Runs a task with a connection of its own. */
export async function withNats<T>(
  env: NodeJS.ProcessEnv,
  task: (nats: NatsConnection) => Promise<T>,
): Promise<T> {
  const opened = new Opened();
  try {
    return await task(await connect(env, opened));
  } finally {
    await opened.close();
  }
}

/** Runs a task on the malls of the production shape, by asking their owners. */
export async function withNatsOperations<T>(
  terminal: Terminal,
  settings: Settings,
  task: (operations: Operations) => Promise<T>,
): Promise<T> {
  const opened = new Opened();
  try {
    const nats = await connect(terminal.env, opened);
    const directories = await openMallDirectories({ folders: [settings.mallsFolder] });
    opened.add(async () => directories.close());
    const stopwatchMs = () => performance.now();
    const publisher = new NatsPublisher({ nats, stopwatchMs, newId: randomUUID });
    opened.add(async () => publisher.close());
    const operations = new NatsOperations({
      nats,
      publisher,
      deadLetters: new NatsDeadLetters(nats, publisher),
      owners: new OwnerClient(nats),
      mall: (code) => directories.current().get(code),
      keepRawDays: settings.keepRawDays,
      clock: systemClock,
      stopwatchMs,
      newId: randomUUID,
    });
    return await task(operations);
  } finally {
    await opened.close();
  }
}

async function connect(env: NodeJS.ProcessEnv, opened: Opened): Promise<NatsConnection> {
  const problems: string[] = [];
  const given = readNatsSettings(env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  // A command answers in sentences; what it cannot do it says itself.
  const nats = await openNats(given, { name: 'footfall command', log: pino({ level: 'silent' }) });
  opened.add(() => nats.close());
  return nats;
}
