import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const DEPLOY = join(ROOT, 'deploy');

/** Paths from the root of the repository, in order. */
export function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The one document of a YAML file; a key that stands twice throws. */
export const yamlOf = <Shape>(path: string): Shape => parse(textOf(path), { merge: true }) as Shape;

/** All documents of a YAML file. */
export function yamlsOf<Shape>(path: string): Shape[] {
  return parseAllDocuments(textOf(path)).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Shape;
  });
}
