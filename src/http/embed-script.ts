/**
 * The script of an embedded view: watches the view's numbers over a WebSocket, shows them, and comes back by itself when the
 * connection is lost. `showView(token, view, mall)` begins. Everything that it shows is text: nothing is taken for HTML.
 */
export const EMBED_SCRIPT = `
const VIEWS = {
  footfall: {
    query: 'subscription ($mall: String!) { mallFootfall(mall: $mall) { footfall newCustomers returningCustomers stale } }',
    show({ mallFootfall: row }, put) {
      put('p', 'large', row.footfall);
      put('p', 'small', 'devices today, ' + text(row.newCustomers) + ' new, ' + text(row.returningCustomers) + ' returning');
      return row.stale;
    },
  },
  'top-shops': {
    query: 'subscription ($mall: String!) { topShops(mall: $mall) { rank shop { code name } footfall stale } }',
    show({ topShops: rows }, put) {
      const list = put('ol', 'rows', '');
      for (const row of rows) {
        const line = put('li', 'row', '', list);
        put('span', 'name', row.shop.name ?? row.shop.code, line);
        put('span', 'count', row.footfall, line);
      }
      if (rows.length === 0) put('p', 'small', 'No shop has been visited today yet.');
      return rows.some((row) => row.stale);
    },
  },
};

const text = (value) => (typeof value === 'number' ? value.toLocaleString() : String(value));

function showView(token, view, mall) {
  const main = document.querySelector('main');
  const state = document.querySelector('#state');
  const put = (name, kind, content, parent = main) => {
    const element = document.createElement(name);
    element.className = kind;
    element.textContent = text(content);
    return parent.appendChild(element);
  };
  let waitMs = 1000;
  const connect = () => {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/graphql', 'graphql-transport-ws');
    const say = (message) => socket.send(JSON.stringify(message));
    socket.onopen = () => say({ type: 'connection_init', payload: { authorization: 'Bearer ' + token } });
    socket.onmessage = ({ data }) => {
      const { type, payload } = JSON.parse(data);
      if (type === 'ping') say({ type: 'pong' });
      if (type === 'connection_ack')
        say({ id: '1', type: 'subscribe', payload: { query: VIEWS[view].query, variables: { mall } } });
      if (type === 'error' || payload?.errors) {
        state.textContent = (payload.errors ?? payload)[0].message;
      } else if (type === 'next') {
        waitMs = 1000;
        main.replaceChildren();
        state.textContent = VIEWS[view].show(payload.data, put) ? 'These numbers may be some seconds old.' : '';
      }
    };
    socket.onclose = ({ code }) => {
      if (code === 4403) {
        main.replaceChildren();
        state.textContent = 'This view has expired.';
        return;
      }
      state.textContent = 'Connecting again ...';
      setTimeout(connect, waitMs);
      waitMs = Math.min(2 * waitMs, 30000);
    };
  };
  connect();
}

const { view, mall } = JSON.parse(document.querySelector('#view').textContent);
const token = new URLSearchParams(location.search).get('token');
// The token is in no history and no referrer of what comes next.
history.replaceState(null, '', location.pathname);
showView(token, view, mall);
`;
