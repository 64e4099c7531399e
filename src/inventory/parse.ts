/** A YAML file to the value its schema describes, or every problem of it at once. */
import type { z } from 'zod';
import { UserError } from '../errors.js';
import type { FileKind } from './file.js';
import { problemsOf } from './issues.js';
import { InventoryErrors, type Problem } from './problem.js';
import type { YamlFile } from './yaml.js';

/**
 * A schema problem says more than a YAML oddity at its place, so it is told alone there.
 *
 * @param cross what no single value can be wrong about alone; asked only when every value is right
 */
export function parseFile<S extends z.ZodType>(
  path: string,
  file: YamlFile,
  schema: S,
  kind: Pick<FileKind, 'what' | 'ifEmpty'>,
  cross: (given: z.output<S>) => readonly Problem[],
): z.output<S> {
  const { what, ifEmpty } = kind;
  if (file.value === undefined) throw new InventoryErrors(path, file.problems, what);
  if (file.value === null && file.problems.length === 0)
    throw new UserError(`${what}-empty`, `the ${what} ${path} is empty`, { hint: ifEmpty });
  const parsed = schema.safeParse(file.value);
  if (parsed.success && file.problems.length === 0) {
    const problems = cross(parsed.data);
    if (problems.length === 0) return parsed.data;
    throw new InventoryErrors(path, problems, what);
  }
  const found = parsed.success ? [] : problemsOf(parsed.error.issues, file, schema);
  const told = new Set(found.map(({ at }) => `${at.line}:${at.column}`));
  const oddities = file.problems.filter(({ at }) => !told.has(`${at.line}:${at.column}`));
  throw new InventoryErrors(path, [...found, ...oddities], what);
}
