/** What `run`, `audit` and `demo` share: which checks, which reports, how to draw, and the last words. */
import { dirname, resolve } from 'node:path';
import { GUIDANCE } from '../../checks/guidance/index.js';
import { CHECKS } from '../../checks/index.js';
import { reports as builtIn } from '../../reports/index.js';
import { UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { Io } from '../io.js';
import type { AnyCheck, FleetReport, Policy, RenderOptions } from '../model.js';
import type { Settings } from '../options.js';
import { loadPlugins } from '../plugins.js';
import { exitCodeOf, type Demands } from '../report.js';
import type { Formats } from './outputs.js';

export interface Parts {
  readonly checks: readonly AnyCheck[];
  readonly plugins: readonly AnyCheck[];
  /** Beyond the ten, never scored. */
  readonly guidance: readonly AnyCheck[];
  readonly reports: Formats;
}

/** Loads plug-ins and applies --check, --skip-check and --no-guidance. @throws UserError for an ID that does not exist or an empty selection. */
export async function loadParts(
  settings: Settings,
  inventoryPlugins: readonly string[],
  cwd: string,
): Promise<Parts> {
  const own = [...CHECKS, ...GUIDANCE];
  const taken = new Set([...own.map(({ meta }) => meta.id), ...Object.keys(builtIn)]);
  const loaded = await loadPlugins([...inventoryPlugins, ...settings.plugin], cwd, taken);
  const reports: Formats = new Map([
    ...Object.entries(builtIn),
    ...loaded.reports.map((report) => [report.id, () => Promise.resolve(report)] as const),
  ]);
  const all = [...own, ...loaded.checks];
  const wanted = settings.check.length > 0 ? named(settings.check, all, '--check') : new Set(all);
  const unwanted = named(settings['skip-check'], all, '--skip-check');
  const keep = (check: AnyCheck) => wanted.has(check) && !unwanted.has(check);
  const parts = {
    checks: CHECKS.filter(keep),
    plugins: loaded.checks.filter(keep),
    guidance: settings['no-guidance'] ? [] : GUIDANCE.filter(keep),
    reports,
  };
  // What is left must hold something that was asked for: the guidance alone only when it was named.
  const asked = settings.check.length > 0 ? parts.guidance.length : 0;
  if (parts.checks.length + parts.plugins.length + asked === 0)
    throw new UserError(
      'empty-selection',
      `no check is left after --check${settings['no-guidance'] ? ', --no-guidance' : ''} and --skip-check`,
    );
  return parts;
}

/** The inventory names its plug-ins relative to itself. */
export function pluginPaths(
  inventory: { readonly path: string; readonly plugins: readonly string[] },
  cwd: string,
): string[] {
  return inventory.plugins.map((path) => resolve(cwd, dirname(inventory.path), path));
}

function named(names: readonly string[], all: readonly AnyCheck[], flag: string): Set<AnyCheck> {
  return new Set(
    names.map((name) => {
      const found = all.find(({ meta }) => meta.id === name || String(meta.number) === name);
      if (found) return found;
      const ids = all.map(({ meta }) => meta.id);
      throw new UserError('unknown-check', `${flag}: there is no check "${name}"`, {
        hint: didYouMean(name, ids) || `checks: ${ids.join(', ')}`,
      });
    }),
  );
}

export { renderOptions } from './drawing.js';

/** How a report goes into a file: no colour, a fixed width. */
export const FILE_OPTIONS: RenderOptions = { color: 0, width: 120, ascii: false, verbose: true };

export function parseNow(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const instant = new Date(text);
  if (!zoned || Number.isNaN(instant.getTime()))
    throw new UserError('bad-option', `--now: expected an ISO 8601 instant with a zone, got "${text}"`, {
      hint: 'for example 2026-11-21T02:00:00Z',
    });
  return instant;
}

/** What an exit of 0 takes besides passes: flags ask for it, of guidance also the policy. */
export function demandsOf(
  settings: Pick<Settings, 'require-closure' | 'strict-guidance'>,
  policy: Pick<Policy, 'guidance'>,
): Demands {
  return {
    requireClosure: settings['require-closure'],
    strictGuidance: settings['strict-guidance'] || policy.guidance.strict,
  };
}

/** The last line on standard error, and the exit code it names. */
export function conclude(
  report: FleetReport,
  demands: Demands,
  io: Io,
  interrupted: 130 | 143 | undefined,
): number {
  const code = interrupted ?? exitCodeOf(report, demands);
  io.err(`verdict: ${report.closure.verdict.toUpperCase()} (exit ${code})\n`);
  return code;
}
