import { readFileSync } from 'node:fs';

/**
 * A secret of the environment: under its name, or, so that it need not lie in the environment, in the file that
 * NAME_FILE names; white space around it is dropped. Null when neither is set.
 */
export function givenSecret(env: NodeJS.ProcessEnv, name: string, problems: string[]): string | null {
  const given = env[name];
  const file = env[`${name}_FILE`];
  if (!file) return given || null;
  if (given) {
    problems.push(`${name} and ${name}_FILE are both set; leave one of them out`);
    return null;
  }
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (text === '') problems.push(`${name}_FILE names an empty file: ${file}`);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push(
      `${name}_FILE names ${file}, which cannot be read (${code}); give this user the right to, or mend the path`,
    );
    return null;
  }
}
