/** Ways between environments: what leads into production and out of it is said, and --environment does not cross. */
import { describe, expect, it } from 'vitest';
import { refuseCrossings } from '../../src/inventory/bastions.js';
import { isProduction } from '../../src/inventory/environments.js';
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

  it('knows one bastion by its address, whatever it is called', () => {
    const text =
      'hosts:\n' +
      host('db', 'environment: production, jump: gate-a') +
      host('test', 'environment: staging, jump: "10.0.0.1:22"') +
      host('lab', 'environment: qa, jump: gate-b') +
      'bastions:\n  - { name: gate-a, address: 10.0.0.1 }\n  - { name: gate-b, address: 10.0.0.1, port: 22 }\n';
    expect(warnings(text)).toEqual([
      expect.stringContaining('the bastion "gate-a" reaches both production (db) and '),
    ]);
  });

  it.each(['openssh', 'auto'])('names an identity that serves both by transport %s, too', (transport) => {
    const more = `transport: ${transport}, certificate_file: /k/one-cert.pub`;
    expect(
      warnings(
        `hosts:\n${host('db', `environment: production, ${more}`)}${host('test', `environment: qa, ${more}`)}`,
      ),
    ).toEqual([
      expect.stringContaining('the identity "/k/one-cert.pub" reaches both production (db) and qa (test)'),
    ]);
  });

  it('takes an AWS role for the identity of instances', () => {
    const role = 'arn:aws:iam::111122223333:role/auditor';
    const node = (digit: number) =>
      `transport: ssm, instance: i-0000000000000000${digit}, identity_file: /k/unused, role_arn: "${role}"`;
    expect(
      warnings(
        `hosts:\n${host('db', `environment: production, ${node(1)}`)}${host('test', `environment: qa, ${node(2)}`)}`,
      ),
    ).toEqual([expect.stringContaining(`the identity "${role}" reaches both production (db) and qa (test)`)]);
  });

  it('counts a host nobody said the environment of as outside of production', () => {
    const text = `hosts:\n${host('db', 'environment: production, jump: p')}${host('who', 'jump: p')}`;
    const { warnings: found } = load(text);
    expect(found.map(({ message }) => message)).toEqual([
      'the bastion "p" reaches both production (db) and a host of no environment (who): whoever takes it over from the one reaches the other',
    ]);
    expect(found[0]?.hint).toContain('say which environment who is of');
  });

  it.each([
    ['prod', true],
    ['PROD-eu', true],
    ['eu.production', true],
    ['live_2', true],
    ['preprod', false],
    ['pre-prod', false],
    ['non_production', false],
    ['productivity', false],
    ['staging', false],
    ['', false],
  ])('%s is production: %s', (environment, is) => {
    expect(isProduction(environment)).toBe(is);
  });

  it.each([
    ['apart', 'environment: production, jump: a@p', 'environment: staging, jump: b@s'],
    ['both outside production', 'environment: qa, jump: a@p', 'environment: staging, jump: a@p'],
    ['both inside', 'environment: production, jump: a@p', 'environment: prod-eu, jump: a@p'],
    ['that are no way of', 'environment: production, jump: p', 'environment: qa, jump: p, transport: local'],
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

  it('looks at what --jump puts in the place of the inventory’s own way', () => {
    const staging = chosen(['staging']);
    expect(() => refuseCrossings(staging, inventory, ['staging'], ['ops@db'])).toThrow(
      'test is reached through db, a host of production',
    );
    expect(() => refuseCrossings(chosen(['production']), inventory, ['production'], ['other'])).not.toThrow();
  });

  it('lets a run pass that asked for both, or for none', () => {
    expect(() =>
      refuseCrossings(chosen(['production', 'staging']), inventory, ['production', 'staging']),
    ).not.toThrow();
    expect(() => refuseCrossings(inventory.hosts, inventory, [])).not.toThrow();
    expect(() => refuseCrossings(chosen(['staging']), inventory, ['staging'])).not.toThrow();
  });
});
