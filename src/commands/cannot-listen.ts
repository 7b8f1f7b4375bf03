import { once } from 'node:events';
import { createServer } from 'node:net';

/** Nobody can listen at this address and port now. The text says what to do. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
  readonly code = 'CANNOT_LISTEN';
}

/** Rejects with CannotListen when a server could not listen there: better said before it works for a minute. */
export async function tryToListen(host: string, port: number): Promise<void> {
  const attempt = createServer().listen({ host, port });
  try {
    await once(attempt, 'listening');
  } catch (error) {
    throw asCannotListen(error, host, port);
  }
  const closed = once(attempt, 'close');
  attempt.close();
  await closed;
}

/** The error of an attempt to listen as a CannotListen; any other error as it is. */
export function asCannotListen(error: unknown, host: string, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new CannotListen(
        `port ${port} is in use; choose another with --port, or stop what listens there`,
      );
    case 'EACCES':
      return new CannotListen(`this user may not listen on port ${port}; choose one above 1023 with --port`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CannotListen(
        `${host} is no address of this machine; choose another with --host, as 127.0.0.1 or 0.0.0.0`,
      );
    default:
      return error;
  }
}
