import type { Duplex } from 'node:stream';

/**
 * Answers an upgrade request without a body, and lets go of its connection, which the web server no longer looks
 * after: a client that never closes its end would keep it for good.
 */
export function turnAway(connection: Duplex, status: string, headers: readonly string[] = []): void {
  connection.resume();
  const lines = [`HTTP/1.1 ${status}`, 'Connection: close', 'Content-Length: 0', ...headers];
  connection.end(`${lines.join('\r\n')}\r\n\r\n`, () => connection.destroy());
}
