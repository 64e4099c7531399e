/** Ways between environments: what leads into production and out of it is said, and --environment does not cross. */
import { describe, expect, it } from 'vitest';
import { refuseCrossings } from '../../src/inventory/bastions.js';
import { loadInventory } from '../../src/inventory/load.js';
import { selectHosts } from '../../src/inventory/select.js';

const CA = 'ca: { fingerprints: [SHA256:3P0yL7rLjTrnfaUTEY8nxSd57GdcFaQ0KLPa0gjYFtE] }\n';
const LISTS = 'allowed_principals: { adm: [adm-full] }';

function load(text: string) {
  return loadInventory({ path: 'inventory.yaml', text: CA + text });
}

function warnings(text: string): string[] {
  return load(text).warnings.map(({ at, message }) => `${at.line}: ${message}`);
}

const host = (name: string, more: string): string => `  - { name: ${name}, ${LISTS}, ${more} }\n`;

describe('ways between environments', () => {
  it('names a bastion that reaches both, at its own line', () => {
    const text =
      'hosts:\n' +
      host('db', 'environment: production, jump: gate') +
      host('test', 'environment: staging, jump: gate') +
      'bastions:\n  - { name: gate }\n';
    expect(warnings(text)).toEqual([
      '6: the bastion "gate" reaches both production (db) and staging (test): whoever takes it over from the one reaches the other',
    ]);
  });

  it('sees a bastion behind a bastion, and one that is only an address, whoever logs in there', () => {
    const text =
      'hosts:\n' +
      host('db', 'environment: prod-eu, jump: inner') +
      host('test', 'environment: qa, jump: "b@10.0.0.1:2222"') +
      'bastions:\n  - { name: inner, jump: "a@10.0.0.1:2222" }\n';
    expect(warnings(text)).toEqual([
      expect.stringContaining('the bastion "10.0.0.1:2222" reaches both prod-eu (db)'),
    ]);
  });

  it('takes a host of one environment on the way to the other for a way between them', () => {
    const text =
      'hosts:\n' + host('db', 'environment: live, jump: test') + host('test', 'environment: staging');
    expect(warnings(text)).toEqual([
      expect.stringContaining('"test" reaches both live (db) and staging (test)'),
    ]);
  });

  it('names a jump user and an identity that serve both', () => {
    const text =
      'hosts:\n' +
      host('db', 'environment: production, jump: "jump@10.0.0.1", identity_file: /k/one') +
      host('test', 'environment: staging, jump: "jump@10.0.0.2", identity_file: /k/one');
    expect(warnings(text)).toEqual([
      expect.stringContaining('the identity "/k/one" reaches both production (db) and staging (test)'),
      expect.stringContaining('the jump user "jump" reaches both production (db) and staging (test)'),
    ]);
  });

  it.each([
    ['apart', 'environment: production, jump: a@p', 'environment: staging, jump: b@s'],
    ['both outside production', 'environment: qa, jump: a@p', 'environment: staging, jump: a@p'],
    ['both inside', 'environment: production, jump: a@p', 'environment: prod-eu, jump: a@p'],
    ['without environments', 'jump: a@p', 'jump: a@p'],
    ['a name that only begins alike', 'environment: productivity, jump: a@p', 'environment: qa, jump: a@p'],
  ])('is quiet about hosts %s', (_, one, other) => {
    expect(warnings(`hosts:\n${host('db', one)}${host('test', other)}`)).toEqual([]);
  });
});

describe('--environment', () => {
  const inventory = load(
    'hosts:\n' +
      host('db', 'environment: production, jump: gate') +
      host('test', 'environment: staging') +
      'bastions:\n  - { name: gate, jump: test }\n',
  );
  const chosen = (environment: string[]) => selectHosts(inventory.hosts, { environment });

  it('refuses a jump through a host of another environment, wherever on the way', () => {
    expect(() => refuseCrossings(chosen(['production']), inventory, ['production'])).toThrow(
      '--environment production: db is reached through test, a host of staging',
    );
  });

  it('lets a run pass that asked for both, or for none', () => {
    expect(() =>
      refuseCrossings(chosen(['production', 'staging']), inventory, ['production', 'staging']),
    ).not.toThrow();
    expect(() => refuseCrossings(inventory.hosts, inventory, [])).not.toThrow();
    expect(() => refuseCrossings(chosen(['staging']), inventory, ['staging'])).not.toThrow();
  });
});
