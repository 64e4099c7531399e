import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UserError } from '../src/errors.js';
import { loadInventory } from '../src/inventory/load.js';
import { formatProblem, InventoryErrors } from '../src/inventory/problem.js';
import { policyJsonSchema } from '../src/inventory/schema-policy.js';
import { defaultPolicy } from '../src/policy.js';
import { loadPolicyFile } from '../src/policy-file.js';

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (text: string, plugins = false) => loadPolicyFile({ path: 'p.yaml', text }, { plugins });
const problems = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    if (error instanceof InventoryErrors) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
};

const TEXT = `\uFEFFkrl: required
waiver_max_days: 30
waivers:
  - check: root-login
    hosts: ['web*']
    subjects: ['account toor']
    owner: Ann
    approver: Bo
    author: Cy
    reason: moves in December
    expires: 2026-12-31
attestations:
  - { kind: ca-custody, subject: SHA256:x, by: Dora, date: 2026-11-01, expires: 2027-02-01T12:00:00+01:00, evidence: SEC-1 }
`;

describe('a policy file', () => {
  it('gives the policy, the text as it was and its hash; a day alone is included whole', () => {
    const path = join(folder, 'policy.yaml');
    writeFileSync(path, TEXT);
    const { policy, ...file } = loadPolicyFile(path);
    expect(file).toEqual({
      path,
      text: TEXT,
      sha256: createHash('sha256').update(TEXT).digest('hex'),
      warnings: [],
    });
    expect(policy).toEqual({
      ...defaultPolicy(),
      krl: 'required',
      waiverMaxDays: 30,
      waivers: [
        {
          check: 'root-login',
          hosts: ['web*'],
          subjects: ['account toor'],
          owner: 'Ann',
          approver: 'Bo',
          author: 'Cy',
          reason: 'moves in December',
          expires: '2026-12-31T23:59:59.999Z',
        },
      ],
      attestations: [
        {
          kind: 'ca-custody',
          subject: 'SHA256:x',
          by: 'Dora',
          date: '2026-11-01T00:00:00.000Z',
          expires: '2027-02-01T11:00:00.000Z',
          evidence: 'SEC-1',
        },
      ],
    });
    expect(load(TEXT)).toEqual({ path: 'p.yaml', text: TEXT, sha256: file.sha256, policy, warnings: [] });
  });
  it('satisfies the published schema', () => {
    const validate = new Ajv2020().compile(policyJsonSchema());
    expect([validate(parse(TEXT)), validate.errors]).toEqual([true, null]);
  });
  it('without anything in it is the built-in policy, but not without a word', () => {
    expect(load('{}').policy).toEqual(defaultPolicy());
    expect(() => load('# nothing\n')).toThrow(expect.objectContaining({ code: 'policy-empty' }) as Error);
  });
  it('tells every mistake at its line, in words for a policy', () => {
    const text = `krll: required
waiver_max_days: 367
waivers:
  - { check: root-logn, hosts: [a], owner: Ann, approver: ann, reason: r, expires: 2026-12-31 }
attestations:
  - { kind: custody, subject: s, by: '', date: 2026-02-30, expires: 2027-01-01T00:00:00, evidence: e }
`;
    expect(problems(() => load(text))).toEqual([
      'p.yaml:1:1: unknown key "krll" (did you mean krl?)',
      'p.yaml:2:18: waiver_max_days: "367" is out of bounds: expected a whole number from 1 to 366',
      'p.yaml:6:13: attestations[0].kind: "custody": expected ca-custody or wrapper-review or break-glass-test or sign-off or quarterly-review or mfa-at-issuance (did you mean ca-custody?)',
      'p.yaml:6:38: attestations[0].by: "": expected one line of text, 1 to 1000 characters',
      expect.stringContaining(
        'p.yaml:6:48: attestations[0].date: "2026-02-30" is no day of the calendar: expected a day',
      ),
      expect.stringContaining('p.yaml:6:69: attestations[0].expires: "2027-01-01T00:00:00" names no zone'),
    ]);
    expect(() => load(text)).toThrow('the policy p.yaml has 6 problems:');
  });
  it('has waivers approved by a third person, of checks that exist, and attestations that end after they begin', () => {
    const waiver = (check: string, people: string): string =>
      `waivers: [{ check: ${check}, hosts: [a], ${people}, reason: r, expires: 2026-12-31 }]`;
    expect(problems(() => load(waiver('root-login', 'owner: A, author: C, approver: B')))).toEqual([]);
    for (const people of ['owner: A, approver: " a"', 'owner: A, author: B, approver: b'])
      expect(problems(() => load(waiver('root-login', people)))).toEqual([
        expect.stringContaining('approves an exception of their own (name a second person as approver)'),
      ]);
    expect(problems(() => load(waiver('motd', 'owner: A, approver: B')))).toHaveLength(1);
    expect(load(waiver('motd', 'owner: A, approver: B'), true).policy.waivers).toHaveLength(1);
    const attested = (dates: string): string =>
      `attestations: [{ kind: sign-off, subject: s, by: b, ${dates}, evidence: e }]`;
    expect(problems(() => load(attested('date: 2026-11-02, expires: 2026-11-02')))).toEqual([]);
    expect(problems(() => load(attested('date: 2026-11-02, expires: 2026-11-01')))).toEqual([
      'p.yaml:1:80: attestations[0]: it expires before its date (expires is when the statement has to be made again)',
    ]);
  });
  it('warns of a waiver of everything everywhere', () => {
    const all =
      'waivers: [{ check: root-login, hosts: ["*"], owner: A, approver: B, reason: r, expires: 2026-12-31 }]';
    expect(load(all).warnings.map(formatProblem)).toEqual([
      'p.yaml:1:11: waivers[0]: it accepts every finding of root-login on every host, also new ones (name the hosts or the subjects it is about)',
    ]);
    const inline = `ca: { fingerprints: ["SHA256:ip2sy3Qe3xA7mpGBVRq5xBLzmO5dSkVRvfzgDuHg5Hs"] }\nhosts: [{ name: a, allowed_principals: { adm: [adm-x] } }]\npolicy: { ${all} }`;
    expect(loadInventory({ path: 'i', text: inline }).warnings.map(({ message }) => message)).toEqual([
      'policy.waivers[0]: it accepts every finding of root-login on every host, also new ones',
    ]);
  });
  it('that cannot be read is named', () => {
    expect(() => loadPolicyFile(join(folder, 'none'))).toThrow(/^the policy \S*none does not exist$/);
    expect(() => loadPolicyFile(folder)).toThrow(
      expect.objectContaining({ code: 'policy-unreadable' }) as Error,
    );
  });
  it('of any characters is refused or loaded, never thrown over', () => {
    const word = fc.constantFrom(
      'waivers:',
      'attestations:',
      'krl: required',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '*',
      '&a',
      ',',
      '?',
      '2026-12-31',
      'hosts: [a]',
      '\u0000',
      '"',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
        ),
        (text) => {
          try {
            load(text);
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        },
      ),
      { seed: 11, numRuns: 500 },
    );
  });
});

describe('an inventory and its policy file', () => {
  const hosts = 'hosts: [{ name: a }]\n';
  const inventory = join(folder, 'inventory.yaml');
  writeFileSync(join(folder, 'strict.yaml'), 'krl: required');
  writeFileSync(join(folder, 'other.yaml'), 'login_window_days: 3');
  const of = (policy: string, options?: Parameters<typeof loadInventory>[1]) =>
    loadInventory({ path: inventory, text: hosts + policy }, options);

  it('names it relative to itself', () => {
    const { policy, policyFile } = of('policy: ./strict.yaml');
    expect(policy.krl).toBe('required');
    expect(policyFile).toEqual({
      path: join(folder, 'strict.yaml'),
      text: 'krl: required',
      sha256: createHash('sha256').update('krl: required').digest('hex'),
    });
  });
  it('gives way to the one that is given, which is read instead', () => {
    for (const policy of ['policy: ./absent.yaml', 'policy: { krl: required }', '']) {
      const loaded = of(policy, { policy: join(folder, 'other.yaml') });
      expect([loaded.policy.krl, loaded.policy.loginWindowDays]).toEqual(['optional', 3]);
      expect(loaded.policyFile?.path).toBe(join(folder, 'other.yaml'));
    }
  });
  it('has no policy file when the policy is in it', () => {
    expect(of('policy: { krl: required }').policyFile).toBeUndefined();
  });
  it('tells what is wrong with either', () => {
    expect(() => of('policy: ./absent.yaml')).toThrow(/the policy \S*absent.yaml does not exist/);
    expect(problems(() => of('policy: [x]'))).toEqual([
      `${inventory}:2:9: policy: is a list: expected a mapping of keys to values or text`,
    ]);
    expect(problems(() => of('policy: { krl: maybe, wrapers: [] }'))).toEqual([
      `${inventory}:2:16: policy.krl: "maybe": expected required or optional`,
      `${inventory}:2:23: policy: unknown key "wrapers" (did you mean wrappers?)`,
    ]);
  });
  it('may waive checks of plug-ins, when there are any', () => {
    writeFileSync(
      join(folder, 'motd.yaml'),
      'waivers: [{ check: motd, hosts: [a], owner: A, approver: B, reason: r, expires: 2026-12-31 }]',
    );
    expect(problems(() => of('policy: ./motd.yaml'))).toHaveLength(1);
    expect(of('policy: ./motd.yaml\nplugins: [motd.js]').policy.waivers).toHaveLength(1);
    expect(of('policy: ./motd.yaml', { plugins: true }).policy.waivers).toHaveLength(1);
  });
});
