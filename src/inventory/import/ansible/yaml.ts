/**
 * Ansible's YAML inventories, variable files, and the JSON of `ansible-inventory --list`. Sources:
 * plugins/inventory/{yaml,script}.py, "Developing dynamic inventory".
 */
import { parseDocument } from 'yaml';
import { messageOf, UserError } from '../../../errors.js';
import { addHost, ENCRYPTED, groupOf, type Graph } from './graph.js';
import { expandPattern } from './range.js';

const MOST_DEPTH = 100;

/** Values of one YAML or JSON document; encrypted ones are told apart. @throws UserError with the line. */
export function parseValues(file: string, text: string): unknown {
  let value: unknown;
  const document = parseDocument(text, {
    version: '1.1',
    uniqueKeys: false,
    customTags: [
      { tag: '!vault', resolve: () => ENCRYPTED },
      { tag: '!vault-encrypted', resolve: () => ENCRYPTED },
      { tag: '!unsafe', resolve: (plain: string) => plain },
    ],
  });
  const [problem] = document.errors;
  if (problem)
    throw new UserError(
      'ansible-invalid',
      problem.message.split('\n', 1)[0]?.replace(/ at line .*$/, '') ?? 'not YAML',
      {
        at: {
          file,
          ...(problem.linePos && { line: problem.linePos[0].line, column: problem.linePos[0].col }),
        },
      },
    );
  try {
    value = document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    throw new UserError('ansible-invalid', messageOf(error), { at: { file } });
  }
  return plain(value, 0);
}

/** As JSON writes what YAML has tags for: `{"__ansible_vault": …}`, `{"__ansible_unsafe": …}`. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MOST_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (Object.hasOwn(value, '__ansible_vault')) return ENCRYPTED;
  if (Object.hasOwn(value, '__ansible_unsafe')) return Reflect.get(value, '__ansible_unsafe');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]));
}

/** The tree of groups of a YAML inventory. @throws UserError */
export function readGroups(graph: Graph, file: string, value: unknown): void {
  const refuse = (message: string): never => {
    throw new UserError('ansible-invalid', message, { at: { file } });
  };
  const group = (name: string, given: unknown, depth: number): void => {
    if (depth > MOST_DEPTH) refuse('groups are nested too deep');
    const known = groupOf(graph, name);
    for (const [key, part] of Object.entries(mapping(given) ?? {})) {
      const entries = mapping(part);
      if (part !== null && entries === undefined) {
        refuse(`group ${name}: ${key}: expected a mapping`);
      } else if (key === 'vars') {
        for (const [variable, is] of Object.entries(entries ?? {})) known.vars.set(variable, is);
      } else if (key === 'children') {
        for (const [child, below] of Object.entries(entries ?? {})) {
          known.children.add(child);
          group(child, below, depth + 1);
        }
      } else if (key === 'hosts') {
        for (const [pattern, vars] of Object.entries(entries ?? {}))
          hosts(name, pattern, mapping(vars) ?? {});
      } else
        graph.notes.push(
          `${file}: group ${name}: ${key} is neither hosts, children nor vars, and was left out`,
        );
    }
  };
  const hosts = (name: string, pattern: string, vars: Readonly<Record<string, unknown>>): void => {
    const expanded = expandPattern(pattern);
    if (typeof expanded === 'string') return refuse(expanded);
    for (const host of expanded.names) addHost(graph, name, host, vars, expanded.port);
  };
  const root = mapping(value);
  if (root === undefined) return refuse('expected a mapping of groups');
  if (typeof root['plugin'] === 'string')
    return refuse(
      `it configures the inventory plugin ${root['plugin']}: pipe what ansible-inventory --list prints`,
    );
  for (const [name, given] of Object.entries(root)) group(name, given, 0);
}

export function isList(value: unknown): boolean {
  return mapping(mapping(value)?.['_meta'])?.['hostvars'] !== undefined;
}

/** `ansible-inventory --list`: every host's variables are merged already. */
export function readList(graph: Graph, value: unknown): void {
  const { _meta: meta, ...groups } = mapping(value) ?? {};
  const vars = mapping(mapping(meta)?.['hostvars']) ?? {};
  for (const [name, given] of Object.entries(groups)) {
    const known = groupOf(graph, name);
    for (const child of listed(mapping(given)?.['children'])) {
      known.children.add(child);
      groupOf(graph, child);
    }
    for (const host of listed(mapping(given)?.['hosts']))
      addHost(graph, name, host, mapping(vars[host]) ?? {});
  }
  for (const [host, own] of Object.entries(vars))
    if (!graph.hosts.has(host)) addHost(graph, 'ungrouped', host, mapping(own) ?? {});
}

function listed(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function mapping(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
