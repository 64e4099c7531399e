/** Every command: its words, its flags, and the file that runs it. Help, completion and parsing derive from this. */
import type { Command } from './command.js';
import { HOSTS } from './table/hosts.js';
import { RUNS } from './table/runs.js';
import { SETUP } from './table/setup.js';

export const COMMANDS: readonly Command[] = [...HOSTS, ...RUNS, ...SETUP];
