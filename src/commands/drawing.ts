/** How to draw for standard output. */
import { STATUSES } from '../../reports/group.js';
import { colorLevel, type Io } from '../io.js';
import type { RenderOptions } from '../model.js';
import type { Settings } from '../options.js';

export function renderOptions(
  settings: Pick<Settings, 'color' | 'no-color' | 'ascii' | 'verbose' | 'status'>,
  io: Io,
): RenderOptions {
  const statuses = STATUSES.filter((status) => settings.status.includes(status));
  return {
    ...(statuses.length > 0 && { statuses }),
    color: settings['no-color'] ? 0 : colorLevel(settings.color, io.terminal.out, io.env),
    width: io.columns,
    ascii: settings.ascii || io.env['TERM'] === 'linux',
    verbose: settings.verbose,
  };
}
