import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, deciding, parsePolicy, type Rule } from '../../../../src/facts/sources/vault/rules.js';

const rulesOf = (source: string): readonly Rule[] => {
  const parsed = parsePolicy(source);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.rules;
};

describe('policies', () => {
  test('HCL with comments, several blocks and heredocs', () => {
    const rules = rulesOf(`
      # path "ssh/config/ca" { capabilities = ["update"] }
      /* path "sys/*" { capabilities = ["sudo"] } */
      name = "ops"
      path "ssh/sign/adm" { capabilities = ["update"] } // the role
      path "/ssh/roles/*" {
        capabilities = ["READ", "list"]
        allowed_parameters = { "ttl" = ["1h"], "*" = [] }
      }
      path "ssh/sign/adm" { capabilities = ["create"] }`);
    expect(rules).toEqual([
      { path: 'ssh/sign/adm', capabilities: ['update', 'create'], approvals: 0 },
      { path: 'ssh/roles/*', capabilities: ['read', 'list'], approvals: 0 },
    ]);
  });
  test('JSON, as one mapping and as a list', () => {
    expect(rulesOf('{"path":{"a":{"capabilities":["read"]}}}')).toEqual([
      { path: 'a', capabilities: ['read'], approvals: 0 },
    ]);
    expect(
      rulesOf('{"path":[{"a":{"capabilities":["read"]}},{"a":{"capabilities":["deny"]}}]}')[0]?.capabilities,
    ).toEqual(['read', 'deny']);
  });
  test('the old form, and control groups', () => {
    expect(rulesOf('path "x" { policy = "sudo" }')[0]?.capabilities).toContain('sudo');
    const group = 'factor "a" { identity { group_names = ["sec"] approvals = 2 } }';
    expect(rulesOf(`path "x" { capabilities = ["update"] control_group = { ${group} } }`)[0]?.approvals).toBe(
      2,
    );
    // One block without approvals is a way around the other.
    expect(
      rulesOf(`path "x" { capabilities = ["update"] }\npath "x" { control_group = { ${group} } }`)[0]
        ?.approvals,
    ).toBe(0);
  });
  test('an empty policy grants nothing; a broken or huge one is a problem', () => {
    expect(rulesOf('')).toEqual([]);
    expect(parsePolicy('path "x" {')).toMatchObject({ ok: false, problem: expect.stringContaining('EOF') });
    expect(parsePolicy('[]')).toMatchObject({ ok: false });
    expect(parsePolicy('x'.repeat(70_000))).toMatchObject({ ok: false });
    for (const deep of ['a = ' + '['.repeat(30_000), 'a {'.repeat(20_000), '"a" '.repeat(15_000) + '{}']) {
      expect(parsePolicy(deep)).toMatchObject({ ok: false, problem: expect.stringContaining('nested') });
    }
    expect(parsePolicy('a = "${x}"')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('no policy'),
    });
    // What other texts of that size do to the parser must not outlast them.
    for (const long of ['#'.repeat(60_000), '"'.repeat(60_001), `a = <<EOF\n${'x\n'.repeat(30_000)}`])
      parsePolicy(long);
    expect(rulesOf('path "x" { capabilities = ["read"] }')).toHaveLength(1);
  });
  test('never throws', () => {
    const piece = fc.constantFrom(
      'path ',
      '"a/*"',
      '{',
      '}',
      '[',
      ']',
      'capabilities',
      '=',
      '"deny"',
      '<<EOF\n',
      '#',
      '${',
      '\0',
      '{"path":',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join(' ')),
        ),
        (source) => {
          expect(typeof parsePolicy(source).ok).toBe('boolean');
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('which paths a rule covers', () => {
  test.each([
    ['secret/foo', 'secret/foo', true],
    ['secret/foo', 'secret/food', false],
    ['secret/bar/*', 'secret/bar/zip/zap', true],
    ['secret/bar/*', 'secret/bars/zip', false],
    ['secret/bar/*', 'secret/bar', false],
    ['secret/zip-*', 'secret/zip-zap/zong', true],
    ['secret/zip-*', 'secret/zip/zap', false],
    ['secret/+/teamb', 'secret/x/teamb', true],
    ['secret/+/teamb', 'secret/x/y/teamb', false],
    ['+/sign/*', 'ssh/sign/adm', true],
    ['+/+/adm', 'ssh/sign/adm', true],
    ['*', 'ssh/sign/adm', true],
    ['ssh/+', 'ssh/', true],
    ['ssh/sign/{{identity.entity.name}}', 'ssh/sign/adm', true],
    ['ssh/*/adm', 'ssh/sign/adm', false],
    ['ssh/si+n/adm', 'ssh/sign/adm', false],
  ])('%s and %s: %s', (rule, path, expected) => {
    expect(covers(rule, path)).toBe(expected);
  });
});

describe('which rule decides', () => {
  const winner = (path: string, ...rules: string[]): string | undefined =>
    deciding(
      rules.map((rule) => ({ path: rule, capabilities: ['read'], approvals: 0 })),
      path,
    )?.path;
  test.each([
    // The first wildcard later wins; then no "*" at the end; then fewer "+"; then the longer one.
    ['secret/a/b', ['secret/*', 'secret/a/*'], 'secret/a/*'],
    ['secret/a/b', ['secret/a/*', 'secret/a/b'], 'secret/a/b'],
    ['secret/a/b', ['secret/*', 'secret/+/b'], 'secret/+/b'],
    ['secret/a/b/foo/x', ['secret/*', 'secret/+/+/foo/*'], 'secret/*'],
    ['secret/a/b', ['secret/+/+', 'secret/+/b'], 'secret/+/b'],
    ['secret/a/b', ['+/a/b', 'secret/*'], 'secret/*'],
    ['secret/ab', ['secret/a*', 'secret/*'], 'secret/a*'],
    ['secret/ab', ['secret/x'], undefined],
  ])('%s among %j: %s', (path, rules, expected) => {
    expect(winner(path, ...rules)).toBe(expected);
    expect(winner(path, ...rules.toReversed())).toBe(expected);
  });
  test('the order of rules never matters', () => {
    const segment = fc.constantFrom('a', 'b', '+', 'a*');
    const path = fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .map((all) => all.join('/').replace(/\*(?=.)/g, ''));
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 6 }),
        fc.constantFrom('a', 'a/b', 'a/b/a', 'ab'),
        (rules, asked) => {
          expect(winner(asked, ...rules)).toBe(winner(asked, ...rules.toReversed()));
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});
