import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadInventory } from '../../src/inventory/load.js';
import { inventoryJsonSchema } from '../../src/inventory/schema.js';
import { INVENTORY_TEMPLATE } from '../../src/inventory/template.js';

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: unknown;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

const schema = inventoryJsonSchema() as Node;
const example = readFileSync('inventory.example.yaml', 'utf8');

/** Every option as `hosts.name`; list entries take their list's place. */
function options(node: Node, path: string[] = []): { readonly path: string; readonly node: Node }[] {
  const below = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    [{ path: path.concat(key).join('.'), node: child }].concat(options(child, path.concat(key))),
  );
  return [
    ...below,
    ...(node.items ? options(node.items, path) : []),
    ...(node.anyOf ?? []).flatMap((branch) => options(branch, path)),
  ];
}

function used(value: unknown, path: string[] = []): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => used(entry, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    [path.concat(key).join('.')].concat(used(child, path.concat(key))),
  );
}

describe('the published schema', () => {
  it('is what the code says (else: npm run schemas)', () => {
    expect(JSON.parse(readFileSync('schema/inventory.schema.json', 'utf8'))).toEqual(schema);
  });

  it('explains every option', () => {
    const unexplained = options(schema).filter(
      ({ node }) => !/^[A-Zr][^]{10,}\.$/.test(node.description ?? ''),
    );
    expect(unexplained.map(({ path }) => path)).toEqual([]);
  });

  it('is closed at every level', () => {
    const open = [{ path: '', node: schema }, ...options(schema)].filter(
      ({ node }) => node.properties && node.additionalProperties !== false,
    );
    expect(open).toEqual([]);
  });

  it('agrees with the loader about the example, the starter and mistakes', () => {
    const validate = new Ajv2020({ strict: false }).compile(schema);
    for (const text of [example, INVENTORY_TEMPLATE])
      expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
    for (const text of [
      'hosts: []',
      'hosts: [{ nmae: a }]',
      'hosts: [{ name: a/b }]',
      'hosts: [{ name: a, port: 0 }]',
      'ca: {}',
    ]) {
      expect([text, validate(parse(text))]).toEqual([text, false]);
      expect(() => loadInventory({ path: 'i', text })).toThrow(/^the inventory i has 1 problem|2 problems/);
    }
  });
});

describe('the example', () => {
  it('loads without a warning', () => {
    const inventory = loadInventory('inventory.example.yaml');
    expect(inventory.warnings).toEqual([]);
    expect(inventory.hosts.map(({ name }) => name)).toEqual(['prod-db-01', 'prod-web-01', 'staging-01']);
    expect(Object.keys(inventory.sources)).toEqual([
      'vault',
      'siem',
      'git',
      'pipeline',
      'certificates',
      'attestations',
      'approvals',
      'people',
      'cloud',
    ]);
  });

  it('shows every option', () => {
    // As a default it would take every other host's lists out of use: shown as a comment.
    expect(example).toContain('# principals: {');
    // It takes the place of the lists above it.
    expect(example).toContain('# unlisted: true');
    const shown = new Set([...used(parse(example)), 'defaults.principals', 'hosts.unlisted']);
    expect(
      options(schema)
        .map(({ path }) => path)
        .filter((path) => !shown.has(path)),
    ).toEqual([]);
  });
});

describe('the starter', () => {
  it('loads, and asks for the CA', () => {
    const { hosts, warnings } = loadInventory({ path: 'i', text: INVENTORY_TEMPLATE });
    expect(hosts).toHaveLength(1);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringMatching(/ca\.fingerprints/)]);
  });

  it('loads with every comment that is an option taken in', () => {
    const text = INVENTORY_TEMPLATE.replaceAll(
      /^( *)# ?( *(?:- )?[a-z_]+:(?: .*)?| +- SHA256.*)$/gm,
      (line, indent: string, rest: string) => (/^(Check|Try|Fingerprint)/.test(rest) ? line : indent + rest),
    ).replaceAll('SHA256:…', 'SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM');
    const { hosts, policy, ca, warnings } = loadInventory({ path: 'i', text });
    expect(hosts[0]).toMatchObject({ port: 22, jump: ['bastion-prod'], accounts: { adm: ['ops'] } });
    expect(hosts[0]?.hostKeys).toHaveLength(1);
    expect(policy.emergencyKeys).toHaveLength(1);
    expect(policy.krl).toBe('required');
    expect(ca.fingerprints).toHaveLength(1);
    expect(warnings).toEqual([]);
  });
});
