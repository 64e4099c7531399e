/** `proxy_command`: a program in place of a direct connection, and never together with jump hosts. */
import { listOf } from './jumps.js';
import type { Problem } from './problem.js';
import type { InventoryInput } from './schema.js';
import type { Path, YamlFile } from './yaml.js';

interface Entry {
  readonly jump?: string | readonly string[] | undefined;
  readonly proxy_command?: string | undefined;
}

/** The command of one entry: its own, else the default's unless the entry has jump hosts of its own. */
export function effectiveProxy(entry: Entry, fallback: string | undefined): string | undefined {
  return entry.proxy_command ?? (entry.jump === undefined ? fallback : undefined);
}

/** Entries that give both ways at once. */
export function proxyProblems(inventory: InventoryInput, file: YamlFile): Problem[] {
  const entries: { readonly entry: Entry; readonly path: Path }[] = [
    { entry: inventory.defaults ?? {}, path: ['defaults'] },
    ...inventory.hosts.map((entry, index) => ({ entry, path: ['hosts', index] as Path })),
    ...(inventory.bastions ?? []).map((entry, index) => ({ entry, path: ['bastions', index] as Path })),
  ];
  return entries
    .filter(
      ({ entry }) =>
        entry.proxy_command !== undefined && entry.proxy_command !== 'none' && listOf(entry.jump).length > 0,
    )
    .map(({ path }) => ({
      at: file.locate([...path, 'proxy_command']),
      message: 'proxy_command and jump exclude each other',
      hint: 'keep the one that leads to the host',
    }));
}
