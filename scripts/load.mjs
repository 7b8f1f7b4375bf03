// Load on a server that runs: how many questions it answers in a second, and how many may watch it.
//   node scripts/load.mjs http://127.0.0.1:4000 --mall demo [--token T] [--seconds 10] [--connections 16] [--subscribers 1000]
// It only reads. A key's own limit (FOOTFALL_REQUESTS_PER_MINUTE) is met first: use the token of FOOTFALL_TOKEN.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { WebSocket } from 'ws';

const OPENED_AT_ONCE = 100;
/** Updates come a second apart: what comes so long after the one before begins another. */
const GAP_MS = 300;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mall: { type: 'string', default: 'demo' },
    token: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
    subscribers: { type: 'string', default: '1000' },
  },
});
const [url = 'http://127.0.0.1:4000'] = positionals;
const mall = JSON.stringify(values.mall);
const seconds = Number(values.seconds);
const authorization = values.token && { authorization: `Bearer ${values.token}` };

async function ask(query) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

async function measure(name, path, query) {
  const result = await autocannon({
    url: url + path,
    connections: Number(values.connections),
    duration: seconds,
    ...(query && {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify({ query }),
    }),
  });
  const rate = Math.round(result.requests.total / result.duration);
  const failed = result.non2xx + result.errors;
  const failures = failed > 0 ? `, ${failed} FAILED` : '';
  console.log(`${name}: ${rate.toLocaleString('en')} a second, p99 ${result.latency.p99} ms${failures}`);
}

/** From the first socket that hears an update until each has heard it. */
async function watch(query, subscribers) {
  const heard = [];
  const sockets = [];
  const open = async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    sockets.push(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { ...authorization } }));
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    await once(socket, 'message');
    socket.on('message', () => heard.push(performance.now()));
  };
  while (sockets.length < subscribers) {
    await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, subscribers - sockets.length) }, open));
  }
  heard.length = 0;
  await pause(seconds * 1_000);
  const delays = [];
  let firstMs = -GAP_MS;
  let lastMs = -GAP_MS;
  for (const ms of heard.sort((a, b) => a - b)) {
    if (ms - lastMs > GAP_MS) firstMs = ms;
    lastMs = ms;
    delays.push(ms - firstMs);
  }
  for (const socket of sockets) socket.terminate();
  delays.sort((a, b) => a - b);
  const p99 = delays[Math.floor(delays.length * 0.99)] ?? 0;
  console.log(
    `${subscribers} subscribers: ${delays.length} answers in ${seconds} s, p99 ${p99.toFixed(0)} ms after the first`,
  );
}

async function main() {
  const { mall: found } = await ask(`{ mall(code: ${mall}) { today } }`);
  const day = new Date(Date.parse(found.today) - 2 * 86_400_000).toISOString().slice(0, 10);
  const totals = `mallFootfall(mall: ${mall}, from: "${day}", to: "${day}") { date footfall newCustomers settled }`;
  await measure('a plain route', '/livez');
  await measure('totals of a settled day, kept', '/graphql', `{ ${totals} }`);
  await measure('totals of a settled day, made anew', '/graphql', `{ ... on Query { ${totals} } }`);
  await watch(`subscription { presentNow(mall: ${mall}) { footfall asOf } }`, Number(values.subscribers));
}

await main().catch((error) => {
  console.error(`load: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}`);
  process.exitCode = 1;
});
