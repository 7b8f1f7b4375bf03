import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type ImportFile,
  type ImportProgress,
  type ImportResult,
  OperationRefused,
  type Operations,
  type SettledDay,
} from '../ingest/operations.ts';
import type { DeadLetter } from '../outcome.ts';
import type { ApiKey, ApiKeys } from '../store/store.ts';
import { ADMIN_PATHS, type AdminLine } from './admin-line.ts';
import { errorCode } from './error-code.ts';
import { FILE_FRAMES_TYPE, writeFileFrames } from './file-frames.ts';
import { linesOf } from './lines.ts';

/** A running server that could not be asked, or could not do what it was asked. */
export class AdminRequestFailed extends Error {
  override readonly name = 'AdminRequestFailed';
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

interface RunningServer {
  readonly url: string;
  readonly token: string;
}

/** The operations of a running server, through its admin routes: whoever uses them need not know where they run. */
export function createAdminClient(server: RunningServer): Operations {
  const { open, ask } = askerOf(server);
  return {
    importFiles: (mall, files, onProgress) => {
      const sending = open('POST', ADMIN_PATHS.import, { mall }, FILE_FRAMES_TYPE);
      return sendFiles(sending, server.url, files, onProgress);
    },
    settle: async (mall, { from, to }) => {
      const { days } = await ask<{ days: SettledDay[] }>('POST', ADMIN_PATHS.settle, { mall, from, to });
      return days;
    },
    deadLetters: async (mall, { reason, limit }) => {
      const parameters = { mall, reason, limit: String(limit) };
      const answer = await ask<{ deadLetters: DeadLetter[] }>('GET', ADMIN_PATHS.deadLetters, parameters);
      return answer.deadLetters;
    },
  };
}

/** The API keys of a running server. */
export function createAdminKeys(server: RunningServer): Pick<ApiKeys, 'list' | 'put'> {
  const { ask } = askerOf(server);
  return {
    list: async () => (await ask<{ keys: ApiKey[] }>('GET', ADMIN_PATHS.keys, {})).keys,
    put: async (key) => void (await ask('PUT', ADMIN_PATHS.keys, {}, key)),
  };
}

function askerOf(server: RunningServer) {
  const open = (
    method: string,
    path: string,
    parameters: Readonly<Record<string, string | undefined>>,
    type?: string,
  ) => {
    const url = new URL(path, server.url);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const headers = { authorization: `Bearer ${server.token}`, ...(type && { 'content-type': type }) };
    // A connection that stays open outlives an answer that comes before all is sent, which is how a refusal comes.
    return httpRequest(url, { method, headers, agent: new Agent({ keepAlive: true }) });
  };
  const ask = async <T>(
    method: string,
    path: string,
    parameters: Readonly<Record<string, string | undefined>>,
    body?: unknown,
  ) => {
    const asked = open(method, path, parameters, body === undefined ? undefined : 'application/json');
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    return (await wholeAnswer(await answerTo(asked, server.url))) as T;
  };
  return { open, ask };
}

/** Sends the files no faster than they are taken in, and reads what the server says meanwhile. */
async function sendFiles(
  sending: ClientRequest,
  url: string,
  files: AsyncIterable<ImportFile>,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportResult> {
  let sourceError: unknown;
  const answer = answerTo(sending, url);
  const frames = noticing(writeFileFrames(files), (error) => {
    sourceError = error;
  });
  // When it fails for another reason than the files, the answer says why.
  const sent = pipeline(Readable.from(frames, { objectMode: false }), sending).catch(() => undefined);
  try {
    const response = await answer;
    if (response.statusCode !== 200) await wholeAnswer(response);
    for await (const line of linesOf(response)) {
      const told = JSON.parse(line) as AdminLine;
      if ('progress' in told) onProgress(told.progress);
      else if ('result' in told) return told.result;
      else throw refused(told.error);
    }
    throw serverGone(url);
  } catch (error) {
    if (sourceError) throw sourceError;
    throw errorCode(error) === 'ECONNRESET' ? serverGone(url, error) : error;
  } finally {
    sending.destroy();
    await sent;
  }
}

function serverGone(url: string, cause?: unknown): AdminRequestFailed {
  const message = `the server at ${url} went away before the import was done; import again, it changes no answer twice`;
  return new AdminRequestFailed('SERVER_GONE', message, cause);
}

async function answerTo(asked: ClientRequest, url: string): Promise<IncomingMessage> {
  try {
    return await new Promise((resolve, reject) => {
      asked.once('response', resolve);
      asked.on('error', reject);
    });
  } catch (error) {
    const message = `the server at ${url} does not answer; if none runs, remove server.json from the data folder`;
    throw new AdminRequestFailed('SERVER_UNREACHABLE', message, error);
  }
}

async function wholeAnswer(response: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const line of linesOf(response)) text += line;
  const answer: unknown = JSON.parse(text);
  if (response.statusCode === 200) return answer;
  throw refused((answer as Extract<AdminLine, { error: unknown }>).error);
}

function refused({ code, message }: { readonly code: string; readonly message: string }): Error {
  if (code === 'UNKNOWN_MALL' || code === 'BAD_DATE' || code === 'BAD_FILE')
    return new OperationRefused(code, message);
  return new AdminRequestFailed(code, message);
}

/** The same values; tells of an error of the source itself, and not of one that its reader brings up. */
async function* noticing<T>(source: AsyncGenerator<T>, onError: (error: unknown) => void): AsyncGenerator<T> {
  try {
    for (;;) {
      const { done, value } = await source.next().catch((error: unknown) => {
        onError(error);
        throw error;
      });
      if (done) return;
      yield value;
    }
  } finally {
    await source.return(undefined);
  }
}
