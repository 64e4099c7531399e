import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { memoryPages, validateXML } from 'xmllint-wasm';
import { junit } from '../../reports/junit.js';
import type { FleetReport } from '../../src/model.js';
import { failing, fleet, host, report, result, ten, unreachable } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => junit.render(value, options);

/** The schema Jenkins' xunit plug-in checks with; kept beside the repository, not in it. */
const xsd = fileURLToPath(new URL('../../../shared/schemas/junit-10.xsd', import.meta.url));
const missing =
  existsSync(xsd) || process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1'
    ? null
    : 'junit-10.xsd is not at ../shared/schemas';

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly body: string;
}

function cases(text: string): readonly Case[] {
  return [...text.matchAll(/<testcase name="([^"]*)" classname="([^"]*)"(?:\/>|>([^]*?)<\/testcase>)/g)].map(
    ([, name = '', classname = '', body = '']) => ({ name, classname, body }),
  );
}

const all: readonly (readonly [string, FleetReport])[] = [
  ['mixed', mixed],
  ['1 host', fleet(1)],
  ['500 hosts', fleet(500)],
  ['no host', report([])],
  ['hosts without results', report([host('a', [])])],
];

describe.skipIf(missing !== null)(`junit-10.xsd${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it.each(all)('accepts %s', async (_, value) => {
    const result = await validateXML({
      xml: render(value),
      schema: readFileSync(xsd, 'utf8'),
      maxMemoryPages: memoryPages.GiB,
    });
    expect(result.errors.map(({ message }) => message)).toEqual([]);
    expect(result.valid).toBe(true);
  });
});

describe('junit', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/junit.xml');
  });

  it.each(all)('is well-formed: %s', async (_, value) => {
    const result = await validateXML({
      xml: render(value),
      normalization: 'c14n',
      maxMemoryPages: memoryPages.GiB,
    });
    expect(result.rawOutput).not.toMatch(/error/i);
    expect(result.normalized).toContain('</testsuites>');
  });

  it.each(all)('gives every case a name of its own, so that no reader drops one: %s', (_, value) => {
    const names = cases(render(value)).map(({ name, classname }) => `${classname} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(1);
  });

  it.each(all)('counts right: %s', (_, value) => {
    const text = render(value);
    const found = cases(text);
    const [, tests, failures, errors] =
      /<testsuites name="ssh-scorecard" tests="(\d+)" failures="(\d+)" errors="(\d+)">/.exec(text) ?? [];
    expect(Number(tests)).toBe(found.length);
    expect(Number(failures)).toBe(found.filter(({ body }) => body.includes('<failure')).length);
    expect(Number(errors)).toBe(found.filter(({ body }) => body.includes('<error')).length);
  });

  it('fail is a failure, unknown and unreachable are errors, waived is skipped with its reason', () => {
    const found = cases(render(mixed));
    const bodies = (id: string): readonly string[] =>
      found
        .filter(({ name }) => name === id)
        .map(
          ({ classname, body }) =>
            `${classname.slice(14)} ${/<(failure|error|skipped)/.exec(body)?.[1] ?? 'ok'}`,
        );
    expect(bodies('no-static-keys')).toEqual([
      'db-01 error',
      'db-02 error',
      'hostile failure',
      'web-01 ok',
      'web-02 ok',
      'web-03 ok',
      'web-04 skipped',
      'web-05 failure',
    ]);
    expect(bodies('banner')).toEqual([
      'db-01 error',
      'db-02 error',
      'hostile failure',
      'web-01 ok',
      'web-02 ok',
      'web-03 ok',
      'web-04 skipped',
      'web-05 ok',
    ]);
    const waived = found.find(
      ({ name, classname }) => name === 'no-static-keys' && classname.endsWith('web-04'),
    );
    expect(waived?.body).toContain(
      'waiver: until 2026-12-31T23:59:59.999Z by ciso, owner bernd: the old deploy pipeline moves',
    );
  });

  it('nobody vanishes: an unreachable host is an error in each of its cases and in the fleet suite', () => {
    const found = cases(render(report([unreachable('gone'), host('idle', [])])));
    expect(
      found.filter(
        ({ classname, body }) =>
          classname === 'ssh-scorecard.gone' && body.includes('type="connect-timeout"'),
      ),
    ).toHaveLength(10);
    expect(found.find(({ name }) => name === 'reached gone')?.body).toContain(
      '<error message="connect-timeout: nothing answered',
    );
    expect(found.find(({ name }) => name === 'every host answered')?.body).toContain(
      '1 of 2 hosts not gathered',
    );
    expect(found.find(({ classname }) => classname === 'ssh-scorecard.idle')?.body).toContain(
      'type="not-judged"',
    );
  });

  it('closure conditions: met passes, not-met fails, unproven is an error', () => {
    const found = cases(render(mixed)).filter(({ classname }) => classname === 'ssh-scorecard.closure');
    expect(found.map(({ name, body }) => `${name} ${/<(failure|error)/.exec(body)?.[1] ?? 'ok'}`)).toEqual([
      'scorecard failure',
      'inventory-in-git ok',
      'admins-seven-days error',
      'actors ok',
      'pipeline error',
      'break-glass failure',
      'sign-off error',
      'quarterly-review ok',
      'verdict failure',
    ]);
  });

  it('shows waivers, attestations and changes, which fail nothing by themselves', () => {
    const text = render(mixed);
    const found = cases(text).filter(({ classname }) => classname === 'ssh-scorecard.standing');
    expect(found.map(({ name, body }) => `${name} ${/<(failure|error)/.exec(body)?.[1] ?? 'ok'}`)).toEqual([
      'waivers ok',
      'attestations ok',
      'changes ok',
    ]);
    expect(found[0]?.body).toContain('expired: no-static-keys on web-05');
    expect(found[2]?.body).toContain('newly failing: web-02 password-auth (was pass)');
    expect(text).toContain('<property name="waivers-expired" value="1"/>');
    expect(text).toContain('<property name="newly-failing" value="2"/>');
    const expired = cases(text).find(
      ({ name, classname }) => name === 'no-static-keys' && classname.endsWith('web-05'),
    );
    expect(expired?.body).toMatch(/<failure[^]*waiver: expired 2026-10-01/);
    expect(render(report([host('a', ten())]))).not.toContain('standing');
  });

  it('keeps hosts called like our own suites apart', () => {
    const text = render(report([host('closure', ten()), host('fleet', ten())]));
    expect([...text.matchAll(/<testsuite name="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      'closure',
      'fleet',
      'fleet (2)',
      'closure (2)',
    ]);
  });

  it('shows hostile text and lets none of it act', () => {
    const text = render(mixed);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text).not.toMatch(/^\s*::|##(vso|teamcity)?\[/im);
    expect(text).toContain('\\u001b]0;owned\\u0007');
    expect(text).toContain('\\ufffe\\ud800 ]]\\u003e');
  });

  it('bounds what one host can say', () => {
    const finding = { subject: 's', message: 'm'.repeat(5000), evidence: [] };
    const many = result('root-login', {
      status: 'fail',
      findings: [finding, ...Array.from({ length: 5000 }, () => finding)],
    });
    const text = render(report([host('loud', ten(many))]));
    expect(text).toContain('and 4951 more findings');
    expect(text.length).toBeLessThan(70_000);
    expect(render(report([host('a', ten(failing('root-login', 'm')))]))).not.toContain('more findings');
  });
});
