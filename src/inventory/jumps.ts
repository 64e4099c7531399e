/** Jump hosts: which a host really goes through, and routes that lead nowhere or in circles. */
import { quoted, type Problem } from './problem.js';
import type { InventoryInput } from './schema.js';
import { nearest } from './suggest.js';
import { parseJump } from './values.js';
import type { Path, YamlFile } from './yaml.js';

/** More hops than any network has; bounds what a transport opens for one host. */
const MAX_HOPS = 8;
/** Distinct unknown names that are compared with all others. */
const MAX_COMPARED = 50;

type Given = string | readonly string[] | undefined;

export function listOf(given: Given): readonly string[] {
  return given === undefined ? [] : typeof given === 'string' ? [given] : given;
}

/**
 * The jump hosts of one entry. The default does not apply from the point on where the entry is itself part of
 * it: with `defaults.jump: [outer, inner]`, `inner` is reached through `outer`, and `outer` directly.
 */
export function effectiveJump(
  entry: { readonly name: string; readonly jump?: Given; readonly proxy_command?: string | undefined },
  defaultJump: Given,
): readonly string[] {
  if (entry.jump !== undefined) return listOf(entry.jump);
  if (entry.proxy_command !== undefined && entry.proxy_command !== 'none') return [];
  const route = listOf(defaultJump);
  const self = route.findIndex((step) => step.toLowerCase() === entry.name.toLowerCase());
  return self === -1 ? route : route.slice(0, self);
}

interface Node {
  readonly name: string;
  readonly path: Path;
  readonly next: readonly string[];
}

/** Names that are near those of the inventory but none of them, circles, and routes that are too long. */
export function jumpProblems(inventory: InventoryInput, file: YamlFile): Problem[] {
  const { hosts, bastions = [], defaults = {} } = inventory;
  const nodes = new Map<string, Node>();
  hosts.forEach((host, index) => {
    const path: Path = host.jump === undefined ? ['defaults', 'jump'] : ['hosts', index, 'jump'];
    nodes.set(host.name.toLowerCase(), { name: host.name, path, next: effectiveJump(host, defaults.jump) });
  });
  bastions.forEach((bastion, index) => {
    nodes.set(bastion.name.toLowerCase(), {
      name: bastion.name,
      path: ['bastions', index, 'jump'],
      next: listOf(bastion.jump),
    });
  });
  return [...misspelt(nodes, file), ...circles(nodes, file)];
}

/** A single label is taken for a name that ssh_config or DNS knows, unless it is nearly a name of the inventory. */
function misspelt(nodes: ReadonlyMap<string, Node>, file: YamlFile): Problem[] {
  const names = [...nodes.values()].map(({ name }) => name);
  const judged = new Set<string>();
  const problems: Problem[] = [];
  for (const { path, next } of nodes.values()) {
    for (const [index, step] of next.entries()) {
      const spec = parseJump(step);
      const plain = spec !== null && spec.user === undefined && spec.port === undefined && !/[.:]/.test(step);
      if (!plain || nodes.has(step.toLowerCase()) || judged.has(step) || judged.size >= MAX_COMPARED)
        continue;
      judged.add(step);
      const near = nearest(step, names, 1)[0];
      if (near === undefined) continue;
      problems.push({
        at: file.locate([...path, index]),
        message: `the jump host ${quoted(step)} is neither a host nor a bastion of this inventory, but ${quoted(near)} is`,
        hint: `did you mean ${near}? if not, list ${step} under bastions or write user@${step}`,
      });
    }
  }
  return problems;
}

/** Depth first without recursion: chains may be as long as the inventory. */
function circles(nodes: ReadonlyMap<string, Node>, file: YamlFile): Problem[] {
  const hops = new Map<string, number>();
  const problems: Problem[] = [];
  for (const start of nodes.keys()) {
    const trail: { readonly key: string; readonly todo: string[] }[] = [];
    const onTrail = new Set<string>();
    const enter = (key: string): void => {
      if (hops.has(key)) return;
      onTrail.add(key);
      trail.push({ key, todo: stepsOf(nodes, key) });
    };
    enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.todo.pop();
      if (next === undefined) {
        trail.pop();
        onTrail.delete(top.key);
        const length = hopsOf(nodes, top.key, hops);
        const before = Math.max(0, ...stepsOf(nodes, top.key).map((step) => hops.get(step) ?? 0));
        hops.set(top.key, length);
        // Told where the route becomes too long, not for everything behind it.
        if (length > MAX_HOPS && before <= MAX_HOPS) problems.push(tooLong(nodes, top.key, file));
      } else if (onTrail.has(next))
        problems.push(circle(nodes, [...onTrail].slice([...onTrail].indexOf(next)), file));
      else enter(next);
    }
  }
  return problems;
}

function stepsOf(nodes: ReadonlyMap<string, Node>, key: string): string[] {
  return (nodes.get(key)?.next ?? []).map((step) => step.toLowerCase()).filter((step) => nodes.has(step));
}

/** Hops an entry is away, given those of its jump hosts; entries in a circle count nothing more. */
function hopsOf(nodes: ReadonlyMap<string, Node>, key: string, hops: ReadonlyMap<string, number>): number {
  const own = nodes.get(key)?.next ?? [];
  return own.reduce((sum, step) => sum + 1 + (hops.get(step.toLowerCase()) ?? 0), 0);
}

function circle(nodes: ReadonlyMap<string, Node>, keys: readonly string[], file: YamlFile): Problem {
  const names = keys.map((key) => nodes.get(key)?.name ?? key);
  const shown = names.length > MAX_HOPS ? [...names.slice(0, MAX_HOPS), '…'] : names;
  const last = nodes.get(keys.at(-1) ?? '');
  return {
    at: file.locate(last?.path ?? []),
    message: `jump hosts in a circle: ${[...shown, names[0] ?? ''].join(' -> ')}`,
    hint: 'one of them must be reachable without the others: jump: []',
  };
}

function tooLong(nodes: ReadonlyMap<string, Node>, key: string, file: YamlFile): Problem {
  const node = nodes.get(key);
  return {
    at: file.locate(node?.path ?? []),
    message: `${node?.name ?? key} is more than ${MAX_HOPS} hops away`,
    hint: 'shorten the route',
  };
}
