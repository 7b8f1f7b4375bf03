import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { until } from '../../system/until.ts';

interface Lsp {
  onMessage(take: (message: string) => void): void;
  run(): Promise<unknown>;
  send(message: string): Promise<unknown>;
}

/**
 * The type checker of Flux, as editors use it. Its package is made for bundlers, which load WebAssembly as if it were a
 * module: here its script is told where the memory is by hand.
 */
export async function openFluxChecker(): Promise<{ check(script: string): Promise<string[]> }> {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@influxdata/flux-lsp-browser/package.json'));
  const memories: string[] = [];
  const source = readFileSync(join(folder, 'flux-lsp-browser_bg.js'), 'utf8')
    .replace("import * as wasm from './flux-lsp-browser_bg.wasm';", 'let wasm;')
    .replace(/^cached\w+ = new \w+\(wasm\.memory\.buffer\);$/gm, (line) => {
      memories.push(line);
      return '';
    });
  const made = await mkdtemp(join(tmpdir(), 'footfall-flux-'));
  const file = join(made, 'flux-lsp.mjs');
  await writeFile(
    file,
    `${source}\nexport function setWasm(given) { wasm = given; ${memories.join(' ')} }\n`,
  );
  const script = (await import(pathToFileURL(file).href)) as {
    Lsp: new () => Lsp;
    setWasm(given: unknown): void;
  };
  await rm(made, { recursive: true });
  const binary = readFileSync(join(folder, 'flux-lsp-browser_bg.wasm'));
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { instantiate(...given: unknown[]): Promise<{ instance: { exports: unknown } }> };
  };
  const { instance } = await WebAssembly.instantiate(binary, { './flux-lsp-browser_bg.js': script });
  script.setWasm(instance.exports);
  const lsp = new script.Lsp();
  const told = new Map<string, string[]>();
  lsp.onMessage((text) => {
    const { method, params } = JSON.parse(text) as {
      method?: string;
      params?: { uri: string; diagnostics: { message: string; severity: number }[] };
    };
    if (method !== 'textDocument/publishDiagnostics') return;
    const errors = params!.diagnostics.filter(({ severity }) => severity === 1).map(({ message }) => message);
    told.set(params!.uri, [...(told.get(params!.uri) ?? []), ...errors]);
  });
  void lsp.run();
  let ids = 0;
  const send = (message: object) => lsp.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  await send({ id: ++ids, method: 'initialize', params: { capabilities: {} } });
  await send({ method: 'initialized', params: {} });
  return {
    async check(text) {
      const uri = `file:///script-${++ids}.flux`;
      const textDocument = { uri, languageId: 'flux', version: 1, text };
      await send({ method: 'textDocument/didOpen', params: { textDocument } });
      return until('the checker to answer', () => told.get(uri));
    },
  };
}
