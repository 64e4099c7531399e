/** `checks list` and `checks explain ID`. */
import { UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { AnyCheck, CheckMeta } from '../model.js';
import { resolveSettings } from '../settings.js';
import type { CommandInput } from './index.js';
import { loadParts } from './setup.js';

export async function checks({ args, flags, io }: CommandInput): Promise<number> {
  const { settings } = resolveSettings(flags, io.env, io.cwd);
  const { checks: ten, plugins } = await loadParts(settings, [], io.cwd);
  const all: readonly AnyCheck[] = [...ten, ...plugins];
  if (args['action'] === 'list') {
    await io.out(settings.format === 'json' ? `${JSON.stringify(all.map(({ meta }) => meta), null, 2)}\n` : list(all));
    return 0;
  }
  if (args['action'] !== 'explain') throw new UserError('usage', `checks: expected list or explain, got "${args['action'] ?? ''}"`);
  const id = args['id'] ?? '';
  const found = all.find(({ meta }) => meta.id === id || String(meta.number) === id);
  if (!found) throw new UserError('unknown-check', `there is no check "${id}"`, { hint: didYouMean(id, all.map(({ meta }) => meta.id)) || 'see ssh-scorecard checks list' });
  await io.out(settings.format === 'json' ? `${JSON.stringify(found.meta, null, 2)}\n` : explain(found.meta, io.columns));
  return 0;
}

function list(all: readonly AnyCheck[]): string {
  const width = Math.max(...all.map(({ meta }) => meta.id.length));
  return all.map(({ meta }) => `${String(meta.number ?? '-').padStart(2)}  ${meta.id.padEnd(width)}  ${meta.title}\n`).join('');
}

function explain(meta: CheckMeta, columns: number): string {
  const width = Math.min(columns, 100) - 2;
  const block = (title: string, lines: readonly string[]) => (lines.length === 0 ? '' : `\n${title}\n${lines.map((line) => wrap(line, width)).join('')}`);
  const controls = Object.entries(meta.controls).map(([framework, ids]) => `- ${framework}: ${ids.join(', ')}`);
  return [
    `${meta.number ?? 'plug-in'}. ${meta.id}: ${meta.title}\n`,
    `${meta.category}; directive section ${meta.directive || '-'}; severity ${meta.severity}\n`,
    block('Why', [meta.why]),
    block('What is looked at', meta.looksAt.map((item) => `- ${item}`)),
    block('What a pass does not prove', meta.limits.map((item) => `- ${item}`)),
    block('How to mend it', [meta.fix]),
    block('Controls', controls),
  ].join('');
}

function wrap(text: string, width: number): string {
  const indent = text.startsWith('- ') ? '    ' : '  ';
  const lines: string[] = [];
  let line = '  ';
  for (const word of text.split(/\s+/)) {
    if (line.trim() !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line].map((each) => `${each}\n`).join('');
}
