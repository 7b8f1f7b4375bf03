import { EXPLORER_FETCHER_SCRIPT } from './explorer-fetcher.ts';

/** What the page may load: only what is in it. So it works offline, and tells nobody what is asked. */
export const EXPLORER_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'font-src data:',
  'img-src data:',
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FIRST_QUERY = `# Ctrl-Enter runs the question at the cursor. Which malls are there?
query Malls {
  malls {
    code
    name
    timeZone
    today
  }
}
`;

/** GraphiQL as one page that holds all it needs, asking the endpoint beside it. */
export async function renderExplorerPage(options: {
  readonly endpoint: string;
  /** Begin with a place for the token in the headers tab. */
  readonly needsToken: boolean;
}): Promise<string> {
  const { css, editorWorkerService, graphqlWorker, js, jsonWorker } = await import(
    '@graphql-yoga/render-graphiql/graphiql'
  );
  const workers = { editorWorkerService, json: jsonWorker, graphql: graphqlWorker };
  const settings = {
    title: 'Footfall',
    defaultQuery: FIRST_QUERY,
    ...(options.needsToken && { headers: '{\n  "Authorization": "Bearer <token>"\n}' }),
  };
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Footfall explorer</title>
    <link rel="icon" href="data:," />
    <style>${css}</style>
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>The explorer needs JavaScript.</noscript>
    <div id="root"></div>
    <script>
      const workers = ${JSON.stringify(workers)};
      const blobUrls = Object.fromEntries(
        Object.entries(workers).map(([label, code]) => [
          label,
          URL.createObjectURL(new Blob([code], { type: 'application/javascript' })),
        ]),
      );
      self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => blobUrls[label] };
    </script>
    <script>${js}</script>
    <script>
      ${EXPLORER_FETCHER_SCRIPT}
      const endpoint = new URL(${JSON.stringify(options.endpoint)}, location.href).href;
      YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
        ...${JSON.stringify(settings)},
        fetcher: createExplorerFetcher(endpoint, WebSocket),
      });
    </script>
  </body>
</html>
`;
}
