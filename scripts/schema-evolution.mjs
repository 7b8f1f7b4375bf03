// Clients that were written for the last release must go on working. Whatever would break one is an error here, unless it is
// declared in declared-changes.json, as the check words it, with why.
import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges } from 'graphql';

/** Breaking changes that are not declared, and declarations of what is no breaking change: each a sentence. */
export function schemaProblems(releasedSdl, currentSdl, declared) {
  const changes = findBreakingChanges(buildSchema(releasedSdl), buildSchema(currentSdl)).map(
    ({ description }) => description,
  );
  const undeclared = changes.filter((change) => !declared.some((one) => one.change === change));
  const outdated = declared.filter(({ change }) => !changes.includes(change));
  return [
    ...undeclared.map((change) => `breaks clients of the last release: ${change}`),
    ...outdated.map(({ change }) => `is declared and is no breaking change: ${change}`),
    ...declared.filter(({ why }) => !why).map(({ change }) => `is declared without why: ${change}`),
  ];
}

export function currentSchemaProblems() {
  const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
  return schemaProblems(
    read('released.graphql'),
    read('../schema.graphql'),
    JSON.parse(read('declared-changes.json')),
  );
}
