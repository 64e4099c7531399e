/** `checks list` and `checks explain ID`. */
import { GUIDANCE } from '../../reports/status.js';
import { UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { AnyCheck, CheckMeta } from '../model.js';
import { resolveSettings } from '../settings.js';
import type { CommandInput } from './command.js';
import { loadParts } from './setup.js';
import { fill } from './text.js';

export async function checks({ args, flags, io }: CommandInput): Promise<number> {
  const { settings } = resolveSettings(flags, io.env, io.cwd);
  const { checks: ten, plugins, guidance } = await loadParts(settings, [], io.cwd);
  const all: readonly AnyCheck[] = [...ten, ...guidance, ...plugins];
  if (args['action'] === 'list') {
    await io.out(
      settings.format === 'json'
        ? `${JSON.stringify(
            all.map(({ meta }) => meta),
            null,
            2,
          )}\n`
        : list(all),
    );
    return 0;
  }
  if (args['action'] !== 'explain')
    throw new UserError('usage', `checks: expected list or explain, got "${args['action'] ?? ''}"`);
  const id = args['id'] ?? '';
  const found = all.find(({ meta }) => meta.id === id || String(meta.number) === id);
  if (!found)
    throw new UserError('unknown-check', `there is no check "${id}"`, {
      hint:
        didYouMean(
          id,
          all.map(({ meta }) => meta.id),
        ) || 'see ssh-scorecard checks list',
    });
  await io.out(
    settings.format === 'json' ? `${JSON.stringify(found.meta, null, 2)}\n` : explain(found.meta, io.columns),
  );
  return 0;
}

function list(all: readonly AnyCheck[]): string {
  const width = Math.max(...all.map(({ meta }) => meta.id.length));
  const line = ({ meta }: AnyCheck) =>
    `${String(meta.number ?? '-').padStart(2)}  ${meta.id.padEnd(width)}  ${meta.title}\n`;
  const scored = all.filter(({ meta }) => meta.pack === undefined);
  const rest = all.filter(({ meta }) => meta.pack !== undefined);
  return [...scored.map(line), ...(rest.length > 0 ? [`\n${GUIDANCE}\n`] : []), ...rest.map(line)].join('');
}

function explain(meta: CheckMeta, columns: number): string {
  const width = Math.max(40, Math.min(columns, 100));
  const kind = meta.pack === undefined ? 'plug-in:' : `${GUIDANCE}:`;
  const block = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines];
  const items = (list: readonly string[]) => list.flatMap((item) => fill(item, width, '  - ', '    '));
  const controls = Object.entries(meta.controls).map(([framework, ids]) => `${framework}: ${ids.join(', ')}`);
  return [
    ...fill(
      `${meta.number === undefined ? kind : `${meta.number}.`} ${meta.id}: ${meta.title}`,
      width,
      '',
      '   ',
    ),
    ...fill(
      `${meta.category}; directive section ${meta.directive || '-'}; severity ${meta.severity}`,
      width,
      '',
      '   ',
    ),
    ...block('Why', fill(meta.why, width, '  ')),
    ...block('What is looked at', items(meta.looksAt)),
    ...block('What a pass does not prove', items(meta.limits)),
    ...block('How to mend it', fill(meta.fix, width, '  ')),
    ...block('Controls', items(controls)),
    '',
  ].join('\n');
}
