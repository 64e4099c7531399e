/** Ansible's INI inventories: `[group]`, `[group:children]`, `[group:vars]`. Source: plugins/inventory/ini.py. */
import { UserError } from '../../../errors.js';
import { addHost, groupOf, type Graph } from './graph.js';
import { parseLiteral } from './literal.js';
import { expandPattern } from './range.js';
import { shellWords } from './words.js';

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;

/** @throws UserError at the line that is no inventory line. */
export function readIni(graph: Graph, file: string, text: string): void {
  let group = 'ungrouped';
  let part = 'hosts';
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const refuse = (message: string): never => {
      throw new UserError('ansible-invalid', message, { at: { file, line: index + 1 } });
    };
    const [section, name, kind = 'hosts'] = SECTION.exec(line) ?? [];
    if (section !== undefined && name !== undefined) {
      if (!['hosts', 'children', 'vars'].includes(kind))
        refuse(`[${name}:${kind}]: expected :children or :vars`);
      group = name;
      part = kind;
      groupOf(graph, group);
    } else if (line.startsWith('[') && !/^\[[^\]]*:[^\]]*\]/.test(line)) {
      refuse('a section is [name], [name:children] or [name:vars]');
    } else if (part === 'children') {
      const [child = ''] = line.split(/\s+#/, 1);
      if (/[\s:\]]/.test(child)) refuse('expected the name of a group');
      groupOf(graph, group).children.add(child);
      groupOf(graph, child);
    } else if (part === 'vars') {
      const equals = line.indexOf('=');
      if (equals < 1) refuse('expected key=value');
      groupOf(graph, group).vars.set(line.slice(0, equals).trim(), parseLiteral(line.slice(equals + 1)));
    } else {
      hostLine(graph, group, line, refuse);
    }
  }
}

function hostLine(graph: Graph, group: string, line: string, refuse: (message: string) => never): void {
  const words = shellWords(line);
  if (words === null) return refuse('a quote is not closed');
  const [pattern = '', ...pairs] = words;
  const expanded = expandPattern(pattern);
  if (typeof expanded === 'string') return refuse(expanded);
  const vars = new Map<string, unknown>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1)
      return refuse(`expected key=value behind the host name, got ${JSON.stringify(pair.slice(0, 60))}`);
    vars.set(pair.slice(0, equals), parseLiteral(pair.slice(equals + 1)));
  }
  for (const name of expanded.names) addHost(graph, group, name, Object.fromEntries(vars), expanded.port);
}
