import { createHash } from 'node:crypto';
import type { InfluxConnection } from '../influx-connection.ts';
import { InfluxRefusal } from '../influx-http.ts';
import { questionFlux, taskFlux } from './rollup-flux.ts';
import { runFlux } from './run-rollup.ts';

const EVERY_S = 10;
/** A run later than this is late: it alarms, and is repaired. */
const LATE_S = 3 * EVERY_S + 5;
const VERSION = 1;

export interface RollupTask {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'inactive';
  /** Epoch seconds; null = never. */
  readonly latestCompletedS: number | null;
  readonly lastRun: 'success' | 'failed' | 'canceled' | null;
  /** The last line of the log of a run that failed. */
  readonly lastError: string | null;
  /** Whether it is of this program, in this version. */
  readonly isWanted: boolean;
  /** Its script is not the one that it was made with. */
  readonly isEdited: boolean;
}

export type TaskProblem = 'missing' | 'outdated' | 'edited' | 'double' | 'inactive' | 'failed' | 'late';
export interface TaskFinding {
  readonly problem: TaskProblem;
  /** What is wrong, and what becomes of it. */
  readonly text: string;
}

interface FoundTask {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'inactive';
  readonly flux: string;
  readonly latestCompleted?: string;
  readonly lastRunStatus?: 'success' | 'failed' | 'canceled';
  readonly lastRunError?: string;
}

/**
 * The task in InfluxDB that counts rollups of the newest days, again and again: exact whenever it runs, so that a run
 * that was missed is made good by the next one. Its name says version and content, so that a new release brings its own
 * and removes that of the old.
 */
export class RollupTasks {
  readonly #connection: InfluxConnection;
  readonly #nowS: () => number;

  constructor(connection: InfluxConnection, nowS: () => number) {
    this.#connection = connection;
    this.#nowS = nowS;
  }

  /** Name of the task that is wanted. */
  get name(): string {
    const content = createHash('sha256').update(this.#taskFlux('')).digest('hex').slice(0, 8);
    return `${this.#prefix()}v${VERSION}-${content}`;
  }

  /** Seconds from one run to the next. */
  get everyS(): number {
    return EVERY_S;
  }

  /** Brings it to the wanted version: made once, whoever asks how often; older ones go when the new one is there. */
  async ensure(): Promise<void> {
    const found = await this.#find();
    const wanted = found.filter(({ name }) => name === this.name).sort((a, b) => (a.id < b.id ? -1 : 1));
    if (wanted.length === 0) {
      // A task is made whatever is wrong with its script; run as a question, it tells.
      await this.run();
      await this.#create();
      // Somebody else may have been as quick: of several of one name, the oldest stays.
      return this.ensure();
    }
    const [first, ...doubles] = wanted;
    const flux = this.#taskFlux(this.name);
    if (first!.status !== 'active') await this.#update(first!.id, { status: 'active' });
    if (first!.flux !== flux) await this.#update(first!.id, { flux });
    const outdated = found.filter(({ name }) => name !== this.name);
    for (const { id } of [...doubles, ...outdated]) await this.#delete(id);
  }

  async list(): Promise<RollupTask[]> {
    return (await this.#find()).map((task) => ({
      id: task.id,
      name: task.name,
      status: task.status,
      latestCompletedS: task.latestCompleted ? Math.floor(Date.parse(task.latestCompleted) / 1_000) : null,
      lastRun: task.lastRunStatus ?? null,
      lastError: task.lastRunError || null,
      isWanted: task.name === this.name,
      isEdited: task.name === this.name && task.flux !== this.#taskFlux(this.name),
    }));
  }

  /** Counts the newest days now, as the task does. */
  async run(): Promise<void> {
    await runFlux(this.#connection, questionFlux(this.#connection.bucket, this.#nowS()));
  }

  /** What is wrong; nothing when all is well. */
  async check(): Promise<TaskFinding[]> {
    const tasks = await this.list();
    const wanted = tasks.filter(({ isWanted }) => isWanted);
    const findings: TaskFinding[] = [];
    const add = (problem: TaskProblem, text: string) => findings.push({ problem, text });
    if (wanted.length === 0)
      add('missing', `there is no task ${this.name}; an ingester makes it when it starts`);
    if (wanted.length > 1)
      add('double', `there are ${wanted.length} tasks ${this.name}; an ingester removes all but one`);
    for (const { name } of tasks.filter(({ isWanted }) => !isWanted)) {
      add('outdated', `the task ${name} is of another release; an ingester of this one removes it`);
    }
    for (const { name, status, lastRun, lastError, latestCompletedS, isEdited } of wanted) {
      if (isEdited) add('edited', `somebody changed the script of ${name}; an ingester puts it back`);
      if (status !== 'active')
        add('inactive', `the task ${name} is switched off; an ingester switches it on`);
      if (lastRun === 'failed')
        add('failed', `the last run of ${name} failed: ${lastError ?? 'its log does not say why'}`);
      const lateS = this.#nowS() - (latestCompletedS ?? 0);
      if (latestCompletedS !== null && lateS > LATE_S)
        add('late', `the last run of ${name} ended ${lateS} s ago, and one is due every ${EVERY_S} s`);
    }
    return findings;
  }

  /** Mends what `check` finds: the task as it should be, and its work done now, whatever it missed. */
  async repair(): Promise<TaskFinding[]> {
    const findings = await this.check();
    if (findings.some(({ problem }) => problem !== 'late' && problem !== 'failed')) await this.ensure();
    if (findings.length > 0) await this.run();
    return findings;
  }

  /** Seconds since the task completed a run; undefined while it has not. */
  async ageS(): Promise<number | undefined> {
    const completed = (await this.list()).find(({ isWanted }) => isWanted)?.latestCompletedS;
    return completed === null || completed === undefined ? undefined : this.#nowS() - completed;
  }

  #prefix(): string {
    return `${this.#connection.bucket('footfall')}-rollups-`;
  }

  #taskFlux(name: string): string {
    return taskFlux(this.#connection.bucket, { name, everyS: EVERY_S });
  }

  async #find(): Promise<FoundTask[]> {
    const { http, org } = this.#connection;
    const found: FoundTask[] = [];
    for (let after = ''; ; ) {
      const path = `/api/v2/tasks?org=${encodeURIComponent(org)}&limit=500${after && `&after=${after}`}`;
      const { tasks } = await http.json<{ tasks: FoundTask[] }>({ method: 'GET', path });
      found.push(...tasks.filter(({ name }) => name.startsWith(this.#prefix())));
      if (tasks.length < 500) return found;
      after = tasks.at(-1)!.id;
    }
  }

  async #create(): Promise<void> {
    const { http, orgId } = this.#connection;
    const body = JSON.stringify({ orgID: orgId, flux: this.#taskFlux(this.name), status: 'active' });
    await http.text({ method: 'POST', path: '/api/v2/tasks', type: 'application/json', body });
  }

  async #update(id: string, change: object): Promise<void> {
    const body = JSON.stringify(change);
    await this.#connection.http.text({
      method: 'PATCH',
      path: `/api/v2/tasks/${id}`,
      type: 'application/json',
      body,
    });
  }

  /** Another ingester may have done so already. */
  async #delete(id: string): Promise<void> {
    await this.#connection.http
      .text({ method: 'DELETE', path: `/api/v2/tasks/${id}` })
      .catch((error: unknown) => {
        if (!(error instanceof InfluxRefusal && error.status === 404)) throw error;
      });
  }
}
