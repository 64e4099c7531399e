/** Inventory files, folders of them, and group_vars and host_vars beside. Nothing is executed. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../../../errors.js';
import { createGraph, type Graph } from './graph.js';
import { readIni } from './ini.js';
import type { BesideFiles } from './variables.js';
import { isList, mapping, parseValues, readGroups, readList } from './yaml.js';

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_FILES = 20_000;
const MOST_DEPTH = 5;
/** What Ansible passes over in a folder (INVENTORY_IGNORE_EXTS). */
const PASSED_OVER = /(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;

export interface AnsibleInventory {
  readonly graph: Graph;
  readonly beside: BesideFiles;
}

/** @param given a file, a folder, or `-` for standard input; relative to `cwd` @throws UserError */
export function readAnsibleInventory(given: string, cwd = ''): AnsibleInventory {
  const graph = createGraph();
  if (given === '-') {
    readOne(graph, 'standard input', readBytes(0));
    return { graph, beside: NONE };
  }
  // As it was given, wherever that means the same.
  const path = resolve(cwd) === resolve('') ? given : resolve(cwd, given);
  const about = statSync(path, { throwIfNoEntry: false });
  if (!about) throw new UserError('ansible-unreadable', `there is no ${given}`);
  if (!about.isDirectory()) {
    const merged = readOne(graph, path, readPath(path));
    return { graph, beside: merged ? NONE : besideOf(graph, dirname(path)) };
  }
  const names = readdirSync(path).sort();
  for (const name of names) {
    const file = join(path, name);
    const { isFile, executable } = kindOf(file);
    if (!isFile || name.startsWith('.') || PASSED_OVER.test(name)) continue;
    if (executable)
      graph.notes.push(`${file} is a program: it was not run (pipe what ansible-inventory --list prints)`);
    else readOne(graph, file, readPath(file));
  }
  return { graph, beside: besideOf(graph, path) };
}

const NONE: BesideFiles = { groups: new Map(), hosts: new Map() };

/** @returns whether every host's variables are merged already. */
function readOne(graph: Graph, file: string, text: string): boolean {
  if (text.startsWith('$ANSIBLE_VAULT;'))
    throw new UserError('ansible-encrypted', `${file} is encrypted with ansible-vault`, {
      hint: 'ansible-inventory --list --ask-vault-pass | ssh-scorecard inventory import ansible -',
    });
  if (/\.(ya?ml|json)$/.test(file) || /^\s*(\{|---)/.test(text)) {
    const value = parseValues(file, text);
    if (isList(value)) {
      readList(graph, value);
      return true;
    }
    readGroups(graph, file, value);
    return false;
  }
  // Without a telling name: only YAML has a first line that ends in a colon.
  const first = text.split(/\r?\n/).find((line) => !/^\s*([#;]|$)/.test(line)) ?? '';
  if (/^[A-Za-z0-9_]+:\s*$/.test(first)) readGroups(graph, file, parseValues(file, text));
  else readIni(graph, file, text);
  return false;
}

function besideOf(graph: Graph, folder: string): BesideFiles {
  return {
    groups: variableFiles(graph, join(folder, 'group_vars')),
    hosts: variableFiles(graph, join(folder, 'host_vars')),
  };
}

/** `NAME`, `NAME.yml`, `NAME.yaml`, `NAME.json`, or a folder NAME of such files. */
function variableFiles(graph: Graph, folder: string): Map<string, Map<string, unknown>> {
  const found = new Map<string, Map<string, unknown>>();
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return found;
  for (const name of readdirSync(folder).sort()) {
    if (name.startsWith('.') || name.endsWith('~')) continue;
    const file = join(folder, name);
    const whose = statSync(file, { throwIfNoEntry: false })?.isDirectory()
      ? name
      : name.replace(/\.(ya?ml|json)$/, '');
    const vars = found.get(whose) ?? new Map<string, unknown>();
    found.set(whose, vars);
    for (const one of filesBelow(file, 0)) {
      const text = readPath(one);
      if (text.startsWith('$ANSIBLE_VAULT;')) {
        graph.notes.push(`${one} is encrypted with ansible-vault: its variables are not known`);
        continue;
      }
      const value = parseValues(one, text);
      if (value === null || value === undefined) continue;
      const given = mapping(value);
      if (!given)
        throw new UserError('ansible-invalid', 'expected a mapping of variables', { at: { file: one } });
      for (const [key, is] of Object.entries(given)) vars.set(key, is);
    }
  }
  return found;
}

function filesBelow(path: string, depth: number): string[] {
  const about = statSync(path, { throwIfNoEntry: false });
  if (about?.isFile()) return [path];
  if (!about?.isDirectory() || depth > MOST_DEPTH) return [];
  return readdirSync(path)
    .filter((name) => !name.startsWith('.') && !name.endsWith('~'))
    .sort()
    .slice(0, MOST_FILES)
    .flatMap((name) => filesBelow(join(path, name), depth + 1));
}

function kindOf(path: string): { isFile: boolean; executable: boolean } {
  const about = statSync(path, { throwIfNoEntry: false });
  const isFile = about?.isFile() ?? false;
  return {
    isFile,
    executable: isFile && ((about?.mode ?? 0) & 0o111) !== 0 && !/\.(ya?ml|json)$/.test(basename(path)),
  };
}

function readPath(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new UserError('ansible-unreadable', `cannot read ${path}: ${messageOf(error)}`);
  }
  try {
    if (!fstatSync(file).isFile()) throw new UserError('ansible-unreadable', `${path} is no file`);
    return readBytes(file);
  } finally {
    closeSync(file);
  }
}

/** To the end, or to the limit. @throws UserError */
function readBytes(file: number): string {
  const chunks: Buffer[] = [];
  for (let size = 0; size <= MOST_BYTES;) {
    const chunk = Buffer.alloc(64 * 1024);
    const count = readSync(file, chunk, 0, chunk.length, null);
    if (count === 0) return Buffer.concat(chunks).toString('utf8');
    chunks.push(chunk.subarray(0, count));
    size += count;
  }
  throw new UserError('ansible-unreadable', `the inventory is larger than ${MOST_BYTES} bytes`);
}
