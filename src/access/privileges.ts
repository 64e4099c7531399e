/** What an account may do through sudo. Source: sudoers(5): of several matching rules the last one counts. */
import type { Account, SudoersFacts, SudoRule } from '../facts/types.js';
import type { Reading } from '../model.js';
import { matchPattern } from '../openssh/glob.js';
import type { SudoRights } from './types.js';

const MOST_COMMANDS = 20;

/** @param hostname what the host calls itself: rules name hosts. */
export function rightsOf(account: Account, sudoers: Reading<SudoersFacts>, hostname: string): SudoRights {
  if (account.uid === 0) return { level: 'all', noPassword: true, commands: ['ALL'], from: [] };
  if (!sudoers.ok) return { level: 'unknown', noPassword: false, commands: [], from: [] };
  let maybe = sudoers.gaps.length > 0;
  const granted = new Map<string, SudoRule>();
  for (const rule of sudoers.value.rules) {
    const who = matches(rule.users, (name) => isUser(name, account));
    const where = matches(rule.hosts, (name) => isHost(name, hostname));
    const as = rule.runAs.length === 0 ? false : matches(rule.runAs, isRoot);
    if (who === null || where === null) {
      maybe = true;
      continue;
    }
    if (!who || !where || as === false) continue;
    // `ALL, !/bin/sh` takes nothing away that a copy of the shell would not give back (sudoers(5), "SECURITY NOTES").
    if (rule.command.startsWith('!')) {
      if (rule.command === '!ALL') granted.clear();
      granted.delete(rule.command.slice(1));
    } else granted.set(rule.command, rule);
  }
  const rules = [...granted.values()];
  const all = granted.get('ALL');
  const level = all ? 'all' : rules.length > 0 ? 'some' : maybe ? 'unknown' : 'none';
  const told = all ? [all] : rules;
  return {
    level,
    noPassword: sudoers.value.neverAsks ? told.length > 0 : told.some(({ noPassword }) => noPassword),
    commands: [...new Set(told.map(({ command }) => command))].slice(0, MOST_COMMANDS),
    from: [...new Set(told.map(({ at }) => `${at.path}:${at.line}`))].slice(0, MOST_COMMANDS),
  };
}

/** A list of names: the last one that matches counts, `!` turns it. Null: a name this host alone can resolve may match. */
function matches(names: readonly string[], is: (name: string) => boolean | null): boolean | null {
  let found: boolean | null = false;
  for (const name of names) {
    const turned = name.startsWith('!');
    const hit = is(turned ? name.slice(1) : name);
    if (hit === null) found = found === true ? true : null;
    else if (hit) found = !turned;
  }
  return found;
}

function isUser(name: string, { name: own, uid, gid, groups }: Account): boolean | null {
  if (name === 'ALL') return true;
  if (name.startsWith('+') || name.startsWith('%:')) return null;
  if (name.startsWith('%#')) return Number(name.slice(2)) === gid ? true : null;
  if (name.startsWith('%')) return groups.includes(name.slice(1));
  if (name.startsWith('#')) return Number(name.slice(1)) === uid;
  return name === own;
}

function isHost(name: string, hostname: string): boolean | null {
  const own = hostname.toLowerCase();
  const wanted = name.toLowerCase();
  if (wanted === 'all') return true;
  if (wanted.startsWith('+') || /^[\d.:a-f]+(?:\/[\d.]+)?$/.test(wanted)) return null;
  if (own === '') return null;
  return matchPattern(own, wanted) || matchPattern(own.split('.', 1)[0] ?? '', wanted);
}

function isRoot(name: string): boolean | null {
  return name === 'ALL' || name === 'root' || name === '#0';
}
