import type { Duplex } from 'node:stream';

/**
 * Answers an upgrade request with a status alone and lets go of its connection, which the web server no longer looks
 * after: a client that never closes its end would keep it for good.
 */
export function turnAway(connection: Duplex, status: string): void {
  connection.resume();
  connection.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => {
    connection.destroy();
  });
}
