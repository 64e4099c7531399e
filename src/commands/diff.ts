/** `diff`: what changed between two runs. */
import { resolve } from 'node:path';
import { changesJson } from '../../reports/changes/json.js';
import { changesMarkdown } from '../../reports/changes/markdown.js';
import { changesTable } from '../../reports/changes/table.js';
import { changesBetween } from '../compare/changes.js';
import { readStanding } from '../compare/read.js';
import type { Changes, CheckChange, RenderOptions, Standing } from '../model.js';
import type { Settings } from '../options.js';
import { resolveSettings } from '../settings.js';
import { ownFormat } from './compare-input.js';
import { renderOptions } from './drawing.js';
import type { CommandInput } from './command.js';

const FORMATS = {
  table: changesTable,
  json: changesJson,
  markdown: changesMarkdown,
} as const satisfies Readonly<Record<string, (changes: Changes, options: RenderOptions) => string>>;

/** @returns 1 when --fail-on says so, else 0. @throws UserError for a run that cannot be read. */
export async function diff({ args, flags, io }: CommandInput): Promise<number> {
  const resolved = resolveSettings(flags, io.env, io.cwd);
  const { settings, warnings } = resolved;
  const format = ownFormat(resolved, ['table', 'json', 'markdown']);
  const from = await readStanding(resolve(io.cwd, args['old'] ?? ''));
  const to = await readStanding(resolve(io.cwd, args['new'] ?? ''));
  if (!settings.quiet)
    for (const warning of [...warnings, ...cautions(from, to)]) io.err(`warning: ${warning}\n`);
  const changes = changesBetween(from, to);
  await io.out(FORMATS[format](changes, renderOptions(settings, io)));
  const { newlyFailing, newlyUnknown } = counted(changes, settings['strict-guidance']);
  const code = exitCode(newlyFailing, newlyUnknown, settings['fail-on']);
  io.err(`changes: ${newlyFailing} newly failing, ${newlyUnknown} newly unknown (exit ${code})\n`);
  return code;
}

/** What counts for the exit code: guidance only where it is asked to. */
function counted(changes: Changes, strict: boolean) {
  const of = (list: readonly CheckChange[]) => list.filter(({ guidance }) => strict || !guidance).length;
  return { newlyFailing: of(changes.newlyFailing), newlyUnknown: of(changes.newlyUnknown) };
}

function exitCode(failing: number, unknown: number, failOn: Settings['fail-on']): 0 | 1 {
  if (failOn === 'never') return 0;
  return failing > 0 || (failOn === 'any' && unknown > 0) ? 1 : 0;
}

/** What makes two runs hard to compare. */
function cautions(from: Standing, to: Standing): string[] {
  const partial = (name: string, { point }: Standing) =>
    point.partial
      ? [
          `the ${name} run is partial: hosts it left out are called neither ${name === 'older' ? 'new' : 'gone'} nor better`,
        ]
      : [];
  const order = from.point.now > to.point.now ? ['the first run was judged later than the second'] : [];
  return [...order, ...partial('older', from), ...partial('newer', to)];
}
