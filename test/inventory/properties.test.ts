import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { UserError } from '../../src/errors.js';
import { loadInventory, type Inventory } from '../../src/inventory/load.js';
import { InventoryErrors } from '../../src/inventory/problem.js';
import { inventoryJsonSchema } from '../../src/inventory/schema.js';

const example = readFileSync('inventory.example.yaml', 'utf8');

interface Placed {
  readonly at: { readonly line?: number; readonly column?: number };
}

/** What is wrong with how a text was taken: nothing when it loads, or is refused with places inside the text. */
function complaints(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const outside = ({ at: { line = 0, column = 0 } }: Placed): boolean =>
    line < 1 || line > lines.length || column < 1 || column > (lines[line - 1] ?? '').length + 1;
  const taken = attempt(text);
  const shown = taken.message.split('\n');
  return [
    ...taken.places.filter(outside).map((placed) => `outside: ${JSON.stringify(placed)}`),
    ...(shown.length > 22 ? ['too many lines'] : []),
    ...shown.filter((line) => /[\p{Cc}\u202A-\u202E]/u.test(line)).map((line) => `unprintable: ${line}`),
    ...(taken.loaded || taken.message !== '' ? [] : ['refused without a word']),
  ];
}

/** Anything thrown that is no UserError fails the test that caused it. */
function attempt(text: string): {
  readonly loaded: boolean;
  readonly message: string;
  readonly places: readonly Placed[];
} {
  try {
    const { warnings, hosts, bastions } = loadInventory({ path: 'i.yaml', text });
    return { loaded: true, message: '', places: [...warnings, ...hosts, ...bastions] };
  } catch (error) {
    if (error instanceof InventoryErrors)
      return { loaded: false, message: error.message, places: error.problems };
    if (error instanceof UserError) return { loaded: false, message: error.message, places: [] };
    throw error;
  }
}

describe('arbitrary text', () => {
  it('of any characters is refused, never thrown over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(complaints(text)).toEqual([]);
      }),
      {
        seed: 1,
        numRuns: 400,
      },
    );
  });

  it('of YAML pieces is refused or loaded', () => {
    const piece = fc.constantFrom(
      'hosts',
      ':',
      ': ',
      '- ',
      '\n',
      '\n  ',
      '\n    ',
      'name',
      'a',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '&x ',
      '*x',
      '!t ',
      '"',
      "'",
      '|',
      '>',
      '#',
      '? ',
      '---',
      '...',
      '%YAML 1.2',
      '\t',
      '\r\n',
      '<<',
      'no',
      '010',
      '~',
      'policy',
      'jump',
      'principals',
      '__proto__',
      'constructor',
      '\uFEFF',
      '\u0000',
      '\u202E',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        expect(complaints(parts.join(''))).toEqual([]);
      }),
      { seed: 1, numRuns: 800 },
    );
  });

  it('made of the example by cutting, doubling and misspelling is refused or loaded', () => {
    const place = fc.nat({ max: example.length });
    const junk = fc.constantFrom(
      '',
      ' ',
      '\n',
      '- ',
      ': ',
      '"',
      '[',
      '}',
      'x',
      '0',
      '\u001b[31m',
      '*a',
      '&a ',
      'null',
      '-----BEGIN OPENSSH PRIVATE KEY-----',
    );
    let loaded = 0;
    fc.assert(
      fc.property(place, fc.nat({ max: 30 }), junk, (start, length, text) => {
        const mutant = example.slice(0, start) + text + example.slice(start + length);
        expect(complaints(mutant)).toEqual([]);
        if (attempt(mutant).loaded) loaded += 1;
      }),
      { seed: 1, numRuns: 150 },
    );
    expect(loaded).toBeGreaterThan(0);
  });
});

describe('valid inventories', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
  const tricky = fc.constantFrom(
    'no',
    'yes',
    'on',
    'null',
    'true',
    '010',
    '1e3',
    '0x10',
    '12',
    'constructor',
    'toString',
  );
  const name = fc.oneof(word, tricky);
  const principal = fc.oneof(
    name,
    fc.tuple(fc.constantFrom('adm-', 'agt-', 'atm-'), name).map((parts) => parts.join('')),
  );
  const principals = fc.array(principal, { maxLength: 3 });
  const perActor = fc.record({ adm: principals, agt: principals, atm: principals }, { requiredKeys: [] });
  const access = {
    user: name,
    port: fc.integer({ min: 1, max: 65_535 }),
    transport: fc.constant('ssh'),
    become: fc.constantFrom('sudo', 'none'),
    environment: name,
    tags: fc.array(name, { maxLength: 3 }),
    jump: fc.constantFrom<string | string[]>(
      'x.example',
      [],
      ['ops@y.example:22', '[2001:db8::1]:22'],
      '10.0.0.1',
    ),
    allowed_principals: perActor,
    principals: fc.dictionary(name, principals, { maxKeys: 3 }),
  };
  const host = fc.record(
    {
      name: fc.tuple(word, fc.nat({ max: 99 })).map((parts) => parts.join('')),
      address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constantFrom('no.on', 'localhost')),
      ...access,
      host_key: fc.constantFrom<string | string[]>('SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM', []),
    },
    { requiredKeys: ['name'] },
  );
  const inventory = fc.record(
    {
      hosts: fc.uniqueArray(host, {
        minLength: 1,
        maxLength: 5,
        selector: (entry) => entry.name.toLowerCase(),
      }),
      defaults: fc.record(access, { requiredKeys: [] }),
      ca: fc.record({ trusted_user_ca_keys: fc.constant('/etc/ssh/ca.pub') }, { requiredKeys: [] }),
      plugins: fc.array(name),
      policy: fc.record(
        {
          krl: fc.constantFrom('required', 'optional'),
          login_window_days: fc.integer({ min: 1, max: 366 }),
          wrappers: fc.constant(['/a b/c']),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['hosts'] },
  );

  const meaning = ({ hosts, policy, ca, plugins }: Inventory): unknown => ({
    hosts: hosts.map((entry) => ({ ...entry, at: null })),
    policy,
    ca,
    plugins,
  });
  const load = (text: string): unknown => meaning(loadInventory({ path: 'i', text }));

  it('mean the same however they are written, and satisfy the published schema', () => {
    const validate = new Ajv2020({ strict: false }).compile(inventoryJsonSchema());
    fc.assert(
      fc.property(inventory, (given) => {
        const plain: unknown = JSON.parse(JSON.stringify(given));
        const json = load(JSON.stringify(plain));
        expect(load(JSON.stringify(plain, null, '\t'))).toEqual(json);
        expect(
          load(
            stringify(plain, {
              defaultStringType: 'QUOTE_DOUBLE',
              defaultKeyType: 'PLAIN',
              version: '1.1',
              lineWidth: 40,
            }),
          ),
        ).toEqual(json);
        expect(
          load(
            stringify(plain, {
              defaultStringType: 'QUOTE_SINGLE',
              defaultKeyType: 'QUOTE_SINGLE',
              collectionStyle: 'flow',
            }),
          ),
        ).toEqual(json);
        expect([validate(plain), validate.errors]).toEqual([true, null]);
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('give every host what it says or else the default, at the line of its entry', () => {
    fc.assert(
      fc.property(inventory, (given) => {
        const text = stringify(given, {
          defaultStringType: 'QUOTE_DOUBLE',
          version: '1.1',
          aliasDuplicateObjects: false,
        });
        const { hosts } = loadInventory({ path: 'i', text });
        expect(hosts.map((entry) => entry.name)).toEqual(given.hosts.map((entry) => entry.name).sort());
        for (const entry of given.hosts) {
          const loaded = hosts.find((candidate) => candidate.name === entry.name);
          const expected = { ...given.defaults, ...entry };
          expect(loaded).toMatchObject({
            address: entry.address ?? entry.name,
            become: expected.become ?? 'sudo',
          });
          expect([loaded?.user, loaded?.port, loaded?.environment]).toEqual([
            expected.user,
            expected.port,
            expected.environment,
          ]);
          expect(loaded?.tags).toEqual([...new Set(expected.tags ?? [])]);
          expect(text.split('\n')[(loaded?.at.line ?? 0) - 1]).toMatch(/^ +- /);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
