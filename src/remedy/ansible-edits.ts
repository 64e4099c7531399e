/** One task for each edit of a plan, and what every task is made of. */
import { Scalar } from 'yaml';
import type { Edit } from './types.js';

export type Yaml = Scalar | string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };
export type Task = { readonly [key: string]: Yaml };

/** Host text: written as it is, never a template. */
export function inert(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.tag = '!unsafe';
  scalar.type = 'QUOTE_DOUBLE';
  return scalar;
}

/** @param index of the edit in its plan: its result is registered as `scorecard_INDEX` */
export function editTasks(edit: Edit, index: number): Task[] {
  const register = `scorecard_${index}`;
  const path = inert(edit.path);
  const task = (name: string, module: string, args: Task): Task => ({
    name: inert(`${name} ${edit.path}`),
    [`ansible.builtin.${module}`]: args,
    register,
  });
  const own = { owner: 'root', group: 'root' };
  switch (edit.kind) {
    case 'folder':
      return [task('Folder', 'file', { path, state: 'directory' })];
    case 'owner':
      return [task('Owner and mode of', 'file', { path, ...own, mode: edit.mode })];
    case 'content':
      return [
        {
          ...task('Write', 'copy', {
            dest: path,
            content: inert(edit.content),
            ...own,
            mode: '0644',
            backup: true,
          }),
          ...afterFolder(index),
        },
      ];
    case 'disable': {
      const pattern = `^(${escaped(edit.line)})$`;
      const args = { path, regexp: inert(pattern), replace: '# ssh-scorecard: \\1', backup: true };
      return [task('Make a comment of a line in', 'replace', args)];
    }
    case 'top':
      return [
        task('First line of', 'lineinfile', {
          path,
          line: edit.line,
          insertbefore: 'BOF',
          firstmatch: true,
          backup: true,
        }),
      ];
    case 'key': {
      const pattern = `^(?!\\s*#)(.*\\s)?${escaped(edit.type)}\\s+${escaped(edit.base64)}(\\s.*)?$`;
      const args = { path, regexp: inert(pattern), state: 'absent', backup: true };
      return [task('Remove a static key from', 'lineinfile', args)];
    }
    case 'lines':
      return linesTasks(edit, register, index);
  }
}

/** In check mode a folder that would be made is not there yet, and what would go into it cannot be compared. */
function afterFolder(index: number): Task {
  return index === 0 ? {} : { when: [`not (ansible_check_mode and scorecard_${index - 1} is changed)`] };
}

/** One task for all lines of a file: one backup, which is the file as it was. */
function linesTasks(edit: Extract<Edit, { kind: 'lines' }>, register: string, index: number): Task[] {
  const lines = [
    ...edit.absent.map((line) => ({ line: inert(line), state: 'absent' })),
    ...edit.present.map((line) => ({ line: inert(line), state: 'present' })),
  ];
  const creates = edit.present.length > 0 && edit.absent.length === 0;
  return [
    {
      name: inert(`Lines of ${edit.path}`),
      'ansible.builtin.lineinfile': {
        path: inert(edit.path),
        line: '{{ item.line }}',
        state: '{{ item.state }}',
        backup: true,
        ...(creates && { create: true, owner: 'root', group: 'root', mode: '0644' }),
      },
      loop: lines,
      loop_control: { label: '{{ item.state }}' },
      register,
      ...(creates ? afterFolder(index) : {}),
    },
  ];
}

/** As Python's re wants it: every ASCII mark escaped. */
function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_\u0080-\u{10ffff}]/gu, (mark) => (mark === '\t' ? '\\t' : `\\${mark}`));
}
