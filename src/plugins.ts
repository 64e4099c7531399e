/**
 * Plug-ins: modules that add a check or a report of the same public shape. A module exports, as default or by name,
 * `checks: Check[]` and/or `reports: Report[]`, or is itself one Check or one Report. Plug-in results appear in every
 * report and never change the ten or the score. Loading one runs its code with the auditor's rights.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, UserError } from './errors.js';
import type { AnyCheck, CheckMeta, Report } from './model.js';

export interface Plugins {
  readonly checks: readonly AnyCheck[];
  readonly reports: readonly Report[];
}

/** @throws UserError naming the file: not loadable, not of the shape, or an ID that is taken. */
export async function loadPlugins(
  paths: readonly string[],
  cwd: string,
  taken: ReadonlySet<string>,
): Promise<Plugins> {
  const checks: AnyCheck[] = [];
  const reports: Report[] = [];
  const used = new Set(taken);
  for (const path of paths) {
    const found = partsOf(await load(resolve(cwd, path), path));
    if (found.length === 0)
      throw new UserError('plugin-invalid', `the plug-in ${path} exports no check and no report`, {
        hint: 'export default { meta, evaluate } or { id, title, mediaType, render }',
      });
    for (const part of found) {
      const id = isCheck(part) ? part.meta.id : part.id;
      if (used.has(id))
        throw new UserError('plugin-invalid', `the plug-in ${path} uses the ID "${id}", which is taken`, {
          hint: 'give it another ID',
        });
      used.add(id);
      if (isCheck(part)) checks.push(withoutNumber(part));
      else reports.push(part);
    }
  }
  return { checks, reports };
}

async function load(file: string, path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new UserError('plugin-unloadable', `cannot load the plug-in ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function partsOf(module: unknown): (AnyCheck | Report)[] {
  if (!isObject(module)) return [];
  const lists = [module, module['default']].filter(isObject);
  const candidates = lists.flatMap((from) => [from, ...asList(from['checks']), ...asList(from['reports'])]);
  return [...new Set(candidates)].filter(
    (part): part is AnyCheck | Report => isCheck(part) || isReport(part),
  );
}

/** Only the ten have numbers: a plug-in never takes a place in the score. */
function withoutNumber(check: AnyCheck): AnyCheck {
  const { number: _number, ...given } = check.meta;
  const meta: Partial<CheckMeta> = given;
  const defaults = {
    looksAt: [],
    limits: [],
    controls: {},
    directive: '',
    category: 'Plug-in',
    why: '',
    fix: '',
    severity: 'medium' as const,
  };
  return { meta: { ...defaults, ...meta } as CheckMeta, evaluate: (input) => check.evaluate(input) };
}

function isCheck(value: unknown): value is AnyCheck {
  if (!isObject(value) || typeof value['evaluate'] !== 'function' || !isObject(value['meta'])) return false;
  const { meta } = value as { meta: Record<string, unknown> };
  const needs = meta['needs'];
  return (
    isId(meta['id']) &&
    typeof meta['title'] === 'string' &&
    isObject(needs) &&
    Array.isArray(needs['host']) &&
    Array.isArray(needs['fleet'])
  );
}

function isReport(value: unknown): value is Report {
  return (
    isObject(value) &&
    isId(value['id']) &&
    typeof value['title'] === 'string' &&
    typeof value['render'] === 'function'
  );
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(value);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
