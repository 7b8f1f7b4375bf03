import { createHash } from 'node:crypto';
import type { Embedding } from '../access/embedding.ts';
import { EMBED_SCRIPT } from './embed-script.ts';

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0; padding: 1rem; }
p, ol { margin: 0; padding: 0; }
.large { font-size: clamp(2rem, 20vw, 6rem); font-weight: 700; font-variant-numeric: tabular-nums; line-height: 1.1; }
.rows { list-style: none; }
.row { display: flex; justify-content: space-between; gap: 1rem; padding: 0.25rem 0; }
.count { font-variant-numeric: tabular-nums; }
#state { font-size: 0.875rem; }
`;

const TITLES = { footfall: 'Footfall today', 'top-shops': 'Top shops today' } as const;

/** Only what is in the page, and this server, in frames of the listed sites alone. */
export function embedPolicy({ sites }: Embedding): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(EMBED_SCRIPT)}'`,
    `style-src '${hashOf(STYLE)}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${sites.join(' ')}`,
  ].join('; ');
}

/** One view as a page without anything around it. */
export function renderEmbedPage({ view, mall }: Embedding): string {
  // What ends the element early is no part of a JSON text any more.
  const data = JSON.stringify({ view, mall }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${TITLES[view]}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main aria-live="polite"></main>
    <p id="state" role="status"></p>
    <noscript>This view needs JavaScript.</noscript>
    <script type="application/json" id="view">${data}</script>
    <script>${EMBED_SCRIPT}</script>
  </body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
