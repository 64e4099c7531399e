/** `closure`: the verdict of section 6 of a saved run, alone; and the commit message that declares it. */
import { declaration } from '../../reports/declaration.js';
import { UserError } from '../errors.js';
import { judgeFolder } from '../judgement.js';
import { resolveSettings } from '../settings.js';
import { chooseStdout } from './outputs.js';
import { openSaved } from './saved.js';
import { conclude, renderOptions } from './setup.js';
import type { CommandInput } from './command.js';

/** @returns 0 closed, 1 open, 3 unproven. @throws UserError for a folder that cannot be judged. */
export async function closure({ args, flags, io }: CommandInput): Promise<number> {
  const { settings } = resolveSettings(flags, io.env, io.cwd);
  const { run, inventory, parts, selection, now } = await openSaved(args['folder'] ?? '', settings, io);
  // The settings file's format is for whole reports.
  const format = typeof flags['format'] === 'string' ? flags['format'] : 'closure';
  const { report: chosen } = await chooseStdout([], format, parts.reports);
  const report = await judgeFolder(run, { inventory, ...parts }, now, selection);
  if (settings.declare) {
    const message = declaration(report);
    if (message === null)
      throw new UserError('not-closed', `nothing to declare: the verdict is ${report.closure.verdict}`, {
        hint: report.closure.because,
      });
    await io.out(message);
  } else await io.out(chosen.render(report, renderOptions(settings, io)));
  return conclude(report, { requireClosure: true, strictGuidance: false }, io, undefined);
}
