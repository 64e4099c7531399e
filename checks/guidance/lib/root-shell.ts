import type { SudoUse } from '../../../src/facts/types.js';

const SHELLS = /^(?:ba|da|z|k|mk|pdk|c|tc|fi|a|rba)?sh$|^(?:su|login|busybox|tmux|screen|machinectl)$/;

/** A shell somebody sits at: it has a terminal, and no `-c` with what to run. */
export function isRootShell({ command, tty }: SudoUse): boolean {
  if (tty === '' || tty === 'unknown') return false;
  const [program = '', ...words] = command.trim().split(/\s+/);
  return SHELLS.test(program.slice(program.lastIndexOf('/') + 1)) && !words.includes('-c');
}
