/** One host's Ansible variables to one entry of our inventory. What is encrypted or a template is said, never guessed. */
import type { z } from 'zod';
import * as field from '../../fields.js';
import { ENCRYPTED } from './graph.js';
import type { HostVariables } from './variables.js';
import { instanceOf, wayOf, type Note, type Read } from './way.js';
import { mapping } from './yaml.js';

/** Keys in the order they are written. */
export type Entry = Record<string, unknown>;

const ACTORS = ['adm', 'agt', 'atm'] as const;

export function entryOf({ name, groups, vars }: HostVariables, note: Note): Entry | null {
  const say: Note = (text) => note(`${name}: ${text}`);
  if (!field.name.safeParse(name).success) {
    note(`${JSON.stringify(name)} cannot be the name of a host here, and was left out: add it by hand`);
    return null;
  }
  const read = reader(vars, say);
  const common = () => ({
    environment: read(['ssh_scorecard_environment'], field.label),
    tags: tagsOf(groups, read, say),
    ...principalsOf(vars, read, say),
  });
  const kind = read(['ansible_connection'], field.line)?.replace(/^\w+\.\w+\./, '');
  const node = kind === 'aws_ssm' ? instanceOf(name, read, say) : undefined;
  if (node) return defined({ name, transport: 'ssm', ...node, ...common() });
  if (kind !== undefined && !/^(ssh|paramiko(_ssh)?|smart|local)$/.test(kind))
    say(`ansible_connection is ${kind}: it will be asked over SSH`);
  const entry: Entry = {
    name,
    address: read(['ansible_host', 'ansible_ssh_host'], field.address),
    port: read(['ansible_port', 'ansible_ssh_port'], field.wholeNumber(1, 65_535)),
    user: read(['ansible_user', 'ansible_ssh_user'], field.account),
    transport: kind === 'local' ? 'local' : undefined,
    identity_file: read(['ansible_ssh_private_key_file', 'ansible_private_key_file'], field.path),
    host_key: read(['ssh_scorecard_host_key'], field.oneOrMore(field.hostKey)),
    ...wayOf(vars, read, say),
    ...common(),
  };
  if (entry['address'] === name) delete entry['address'];
  return defined(entry);
}

function defined(entry: Entry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

/** The first of the variables that is set, when it has the form our inventory asks for. */
function reader(vars: ReadonlyMap<string, unknown>, say: Note): Read {
  return (names, type) => {
    const name = names.find((one) => vars.has(one) && vars.get(one) !== null);
    if (name === undefined) return undefined;
    const value = vars.get(name);
    const why = unknowable(value);
    if (why !== undefined) {
      say(`${name} is ${why}: what it is cannot be known, and was left out`);
      return undefined;
    }
    const numeric = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
    const worded = typeof value === 'number' ? String(value) : value;
    for (const one of [value, numeric, worded]) {
      const parsed = type.safeParse(one);
      if (parsed.success) return parsed.data;
    }
    say(`${name} has a value this inventory cannot hold, and was left out`);
    return undefined;
  };
}

/** Why nobody can tell the value from the files: encrypted, or made when Ansible runs. Looks into lists and mappings. */
function unknowable(value: unknown, depth = 0): string | undefined {
  if (value === ENCRYPTED) return 'encrypted with ansible-vault';
  if (typeof value === 'string') return /\{\{|\{%|\{#/.test(value) ? 'a Jinja template' : undefined;
  if (typeof value !== 'object' || value === null || depth > 20) return undefined;
  for (const item of Object.values(value)) {
    const why = unknowable(item, depth + 1);
    if (why !== undefined) return why;
  }
  return undefined;
}

function tagsOf(groups: readonly string[], read: Read, say: Note): string[] | undefined {
  const own = read(['ssh_scorecard_tags'], field.label.array()) ?? [];
  const usable = groups.filter((group) => field.label.safeParse(group).success);
  if (usable.length < groups.length) say('a group whose name cannot be a tag was left out');
  const tags = [...new Set([...usable, ...own])];
  return tags.length === 0 ? undefined : tags;
}

/** Nothing said: `unlisted`, so that the check says so instead of calling every principal wrong. */
function principalsOf(vars: ReadonlyMap<string, unknown>, read: Read, say: Note): Entry {
  const lists = perActor(
    ['ssh_scorecard_allowed_principals', 'allowed_principals'],
    field.principal.array(),
    vars,
    say,
  );
  for (const actor of ACTORS) {
    const own = read([`ssh_scorecard_${actor}`], field.principal.array());
    if (own !== undefined) lists[actor] = own;
  }
  const accounts = perActor(['ssh_scorecard_accounts'], field.account.array(), vars, say);
  const map = mapping(vars.get('ssh_scorecard_principals'));
  const principals = Object.entries(map ?? {}).flatMap(([account, list]) => {
    const parsed = field.principal.array().safeParse(list);
    if (parsed.success && field.account.safeParse(account).success) return [[account, parsed.data] as const];
    say(`ssh_scorecard_principals: ${JSON.stringify(account.slice(0, 60))} cannot be used, and was left out`);
    return [];
  });
  const said = Object.keys(lists).length > 0 || principals.length > 0;
  return {
    ...(Object.keys(accounts).length > 0 && { accounts }),
    ...(Object.keys(lists).length > 0 && { allowed_principals: lists }),
    ...(principals.length > 0 && { principals: Object.fromEntries(principals) }),
    ...(!said && { unlisted: true }),
  };
}

function perActor(
  names: readonly string[],
  type: z.ZodType<string[]>,
  vars: ReadonlyMap<string, unknown>,
  say: Note,
): Record<string, string[]> {
  const name = names.find((one) => vars.has(one));
  if (name === undefined) return {};
  const value = vars.get(name);
  const given = mapping(value);
  const why = unknowable(value);
  if (!given || why !== undefined) {
    say(`${name} is ${why ?? 'no mapping of adm, agt and atm'}, and was left out`);
    return {};
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([actor, list]) => {
      const parsed = type.safeParse(list);
      if (parsed.success && ACTORS.some((one) => one === actor)) return [[actor, parsed.data]];
      say(`${name}.${actor.slice(0, 60)} cannot be used, and was left out`);
      return [];
    }),
  );
}
