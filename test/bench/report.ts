import { cpus, loadavg } from 'node:os';
import { inspect } from 'node:util';
import type { Figure } from './figure.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
}

export interface PartResult {
  readonly name: string;
  /** How long the part ran, its set-up included. */
  readonly seconds: number;
  /** Processes that wanted a core in the minute before: what else the machine was doing. */
  readonly loadBefore: number;
  readonly figures: readonly Figure[];
  /** Why there are no figures. */
  readonly failure?: string;
}

export interface Report {
  readonly machine: Machine;
  readonly parts: readonly PartResult[];
}

export function thisMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown processor',
    cores: cores.length,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Never rejects: what went wrong in one part costs no figures of the others. */
export async function runPart(name: string, measure: () => Promise<Figure[]>): Promise<PartResult> {
  const loadBefore = loadavg()[0]!;
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1_000;
  try {
    const figures = await measure();
    return { name, seconds: seconds(), loadBefore, figures };
  } catch (error) {
    return { name, seconds: seconds(), loadBefore, figures: [], failure: inspect(error) };
  }
}
