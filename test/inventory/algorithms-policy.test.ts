/** `algorithms:` of a policy: what it says, and every mistake at its place. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { formatProblem, InventoryErrors } from '../../src/inventory/problem.js';
import { policyJsonSchema } from '../../src/inventory/schema-policy.js';
import { loadPolicyFile } from '../../src/policy-file.js';

const load = (text: string) => loadPolicyFile({ path: 'p.yaml', text }).policy.algorithms;
const problems = (text: string): readonly string[] => {
  try {
    load(text);
  } catch (error) {
    if (error instanceof InventoryErrors) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
};

describe('policy.algorithms', () => {
  it('is absent, or two lists', () => {
    expect(load('krl: optional\n')).toBeUndefined();
    expect(load('algorithms: {}\n')).toEqual({ allow: [], deny: [] });
    expect(
      load('algorithms:\n  allow: [twofish256-ctr]\n  deny: ["ecdh-sha2-*", umac-64@openssh.com]\n'),
    ).toEqual({
      allow: ['twofish256-ctr'],
      deny: ['ecdh-sha2-*', 'umac-64@openssh.com'],
    });
  });

  it.each([
    ['two names in one', 'algorithms: { deny: ["hmac-sha1,hmac-md5"] }\n'],
    ['a blank', 'algorithms: { allow: ["hmac sha1"] }\n'],
    ['nothing', 'algorithms: { allow: [""] }\n'],
    ['a long one', `algorithms: { allow: [${'a'.repeat(65)}] }\n`],
    ['a number', 'algorithms: { allow: [5] }\n'],
    ['an unknown key', 'algorithms: { forbid: [hmac-md5] }\n'],
  ])('%s is one problem, at its line', (_what, text) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^p\.yaml:1:\d+/);
  });

  it('the published schema says the same', () => {
    const valid = new Ajv2020({ strict: false, validateFormats: false }).compile(policyJsonSchema());
    expect(valid({ algorithms: { allow: ['gss-*'], deny: ['*-cbc', 'AEAD_AES_128_GCM'] } })).toBe(true);
    for (const name of ['a,b', 'a b', '', 'é', 'a'.repeat(65)])
      expect(valid({ algorithms: { deny: [name] } })).toBe(false);
  });
});
