/**
 * How the explorer asks, as a script for the page: `createExplorerFetcher(endpoint, WebSocket)` gives GraphiQL its
 * fetcher. Queries go by fetch; a subscription opens a WebSocket of its own (graphql-transport-ws) and brings the
 * authorization of the headers tab in `connection_init`, which a browser cannot send as a header.
 */
export const EXPLORER_FETCHER_SCRIPT = `
function createExplorerFetcher(endpoint, WebSocket) {
  const isSubscription = (params, document) =>
    document?.definitions.some(
      ({ kind, operation, name }) =>
        kind === 'OperationDefinition' &&
        operation === 'subscription' &&
        (!params.operationName || name?.value === params.operationName),
    ) ?? false;

  const ask = async (params, headers) => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(params),
    });
    return answer.json();
  };

  const authorizationOf = (headers) => {
    const name = Object.keys(headers).find((key) => key.toLowerCase() === 'authorization');
    return name ? { authorization: headers[name] } : {};
  };

  const watch = (params, headers) => ({
    subscribe(observer) {
      const socket = new WebSocket(endpoint.replace(/^http/, 'ws'), 'graphql-transport-ws');
      const send = (message) => socket.send(JSON.stringify(message));
      let done = false;
      const finish = (how) => {
        if (done) return;
        done = true;
        how();
        socket.close(1000);
      };
      const take = {
        connection_ack: () => send({ id: '1', type: 'subscribe', payload: params }),
        ping: () => send({ type: 'pong' }),
        next: ({ payload }) => observer.next(payload),
        error: ({ payload }) => finish(() => observer.error(payload)),
        complete: () => finish(() => observer.complete()),
      };
      socket.onopen = () => send({ type: 'connection_init', payload: authorizationOf(headers) });
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        take[message.type]?.(message);
      };
      socket.onclose = ({ code, reason }) =>
        finish(() => observer.error({ message: 'the WebSocket was closed: ' + code + ' ' + reason }));
      return { unsubscribe: () => finish(() => undefined) };
    },
  });

  return (params, { headers = {}, documentAST } = {}) =>
    isSubscription(params, documentAST) ? watch(params, headers) : ask(params, headers);
}
`;
