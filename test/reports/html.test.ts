import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCRIPT } from '../../reports/html/script.js';
import { STYLE } from '../../reports/html/style.js';
import { MOST_DETAILS, MOST_ROWS } from '../../reports/html/view.js';
import { failing, fleet, host, report, result, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying } from './hostile.js';
import { history, rendered as render, sayingMore, sha256, whole } from './html-whole.js';

/** The page's body without the script: all that is made of the report. */
function body(page: string): string {
  const [, rest = ''] = page.split('<body>');
  return rest.slice(0, rest.lastIndexOf('\n<script>'));
}

/** Every text of a page as a reader gets it, entities resolved. */
function textOf(page: string): string {
  const named: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&amp;': '&',
  };
  return body(page)
    .replaceAll(/<[^>]*>/g, '\u0001')
    .replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => named[entity] ?? entity);
}

/** The tags of a page in order, attribute values left out. */
function skeleton(page: string): readonly string[] {
  return Array.from(
    body(page).matchAll(/<(\/?[a-z0-9]+)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"]*")?)*)\s*\/?>/g),
    ([, name = '', attributes = '']) =>
      `${name} ${Array.from(attributes.matchAll(/([a-zA-Z][a-zA-Z0-9-]*)(?:="[^"]*")?/g), ([, attribute = '']) => attribute).join(' ')}`,
  );
}

describe('html', () => {
  it('carries the hashes of its own style and script', async () => {
    const text = [
      "/** SHA-256 of the page's style and script, for its content security policy. Written by `npm run test:goldens`. */",
      `export const STYLE_SHA256 = '${sha256(STYLE)}';`,
      `export const SCRIPT_SHA256 = '${sha256(SCRIPT)}';\n`,
    ].join('\n');
    await expect(text).toMatchFileSnapshot('../../reports/html/hashes.ts');
  });

  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/report.html');
  });

  it('has the same text whatever order the hosts came in', () => {
    expect(render({ ...mixed, hosts: mixed.hosts.toReversed() })).toBe(render(mixed));
  });

  it('has a strict policy, no inline style, no handler, no address and no line break of its own in the body', () => {
    const page = render(whole);
    expect(page).toContain(
      `content="default-src 'none'; style-src 'sha256-${sha256(STYLE)}'; script-src 'sha256-${sha256(SCRIPT)}'; base-uri 'none'; form-action 'none'"`,
    );
    const attributes = new Set(skeleton(page).flatMap((tag) => tag.split(' ').slice(1)));
    expect([...attributes].filter((name) => /^(?:style|on|src|action|data$)/.test(name))).toEqual([]);
    for (const [, target = ''] of body(page).matchAll(/href="([^"]*)"/g))
      expect(target).toMatch(/^#[a-z0-9-]+$/);
    expect(body(page)).not.toContain('\n');
    for (const part of [STYLE, SCRIPT]) expect(part).not.toMatch(/<\/|url\(|@import|https?:|innerHTML|eval/);
  });

  it('has every element id once, and every link leads to one', () => {
    for (const one of [whole, fleet(60), saying('x')]) {
      const page = body(render(one));
      const ids = Array.from(page.matchAll(/ id="([^"]*)"/g), ([, id = '']) => id);
      expect(ids).toEqual([...new Set(ids)]);
      const targets = Array.from(page.matchAll(/href="#([^"]*)"/g), ([, id = '']) => id);
      expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
    }
  });

  it('says the verdict, why, the conditions, the triggers and what is recommended next', () => {
    const text = textOf(render(whole));
    for (const said of [
      whole.closure.because,
      ...[...whole.closure.conditions, ...whole.closure.beyond].flatMap(
        ({ title, because, provide = '' }) => [title, because, provide],
      ),
      ...whole.closure.triggers.flatMap(({ title, because }) => [title, because]),
      'Teleport',
      'Smallstep, HashiCorp Boundary',
    ])
      expect(text).toContain(said);
  });

  it('says what changed, or that there is nothing to compare with', () => {
    const text = textOf(render(whole)).replaceAll('\u0001', '');
    expect(text).toContain('3 newly failing');
    expect(text).toContain('password-auth on 2 hosts: web-[02-03]');
    expect(text).toContain('No longer in the inventory: legacy-[01-02]');
    expect(text).toContain('web-01: SHA256:before → SHA256:abc');
    expect(text).toContain('added static key SHA256:static for account deploy on web-04');
    expect(text).toContain('Judged then, and on no host now: old-plugin.');
    expect(textOf(render(fleet(3)))).toContain('There is no earlier run to compare with.');
  });

  it('shows what an auditor asks of a host: key, evidence digest, findings, remedy, why it was not reached', () => {
    const text = textOf(render(whole)).replaceAll('\u0001', '');
    for (const said of [
      'ssh-ed25519 SHA256:abc, vouched for by known_hosts /etc/ssh/ssh_known_hosts:3',
      'ab'.repeat(32),
      'toor:x:0:0::/root:/bin/sh',
      'userdel toor',
      'connect-timeout, while in phase connect, 3 attempts',
      'check the address, the security group and that sshd listens',
      'Accepted until 2026-12-31: owner bernd, approved by ciso',
      'A waiver of this failure expired on 2026-10-01',
    ])
      expect(text).toContain(said);
  });

  it('says which run it was, and that it is only a part', () => {
    const text = textOf(render(whole)).replaceAll('\u0001', '');
    for (const said of [
      'The run was interrupted',
      'This is shard 1 of 3',
      'only environments production',
      'the waiver for no-static-keys on web-05 (owner bernd) expired',
      '4f2a91c0c1d2e3f4',
      'ef'.repeat(32),
      'cd'.repeat(32),
      'manifest SHA-256 ' + '12'.repeat(32),
    ])
      expect(text).toContain(said);
  });

  it('never shows a waived failure as a pass, and says how each waiver and attestation fared', () => {
    const text = textOf(render(whole)).replaceAll('\u0001', ' ').replaceAll(/ +/g, ' ');
    for (const said of ['applied no-static-keys', 'unused no-static-keys', 'expired no-static-keys'])
      expect(text).toContain(said);
    expect(text).toContain('ends too late, not accepted');
    expect(text).toContain('in force ca-custody of SHA256:ca');
    expect(text).toContain('expired break-glass-test');
    const row = /<tr data-h="[^"]*"[^>]*><th[^>]*><a[^>]*>web-04<.*?<\/tr>/.exec(render(whole))?.[0] ?? '';
    expect(row).toContain('class="c waived"');
    expect(row.match(/class="c pass"/g)).toHaveLength(9);
  });

  it('nobody vanishes: a host that was never asked has a row, a section and a step to take', () => {
    const text = textOf(render(report([host('idle', []), host('b', ten())])));
    expect(text).toContain('1 host was not asked');
    expect(text.match(/not judged/g)?.length).toBeGreaterThan(10);
  });

  it('draws earlier runs, partial ones apart from the line, and lists the same numbers', () => {
    const page = render({ ...mixed, history: history(5) });
    const chart = /<figure class="chart t-fail">.*?<\/figure>/.exec(page)?.[0] ?? '';
    expect(chart.match(/class="dot"/g)).toHaveLength(4);
    expect(chart.match(/class="open"/g)).toHaveLength(1);
    expect(chart.match(/[ML][\d.]+,[\d.]+|L/g)?.length).toBeGreaterThan(0);
    expect(textOf(page)).toContain('(part of the fleet)');
    expect(textOf(render({ ...mixed, history: history(300) }))).toContain('The last 60 of 300 runs');
    for (const now of ['', 'NaN', '9'.repeat(400)]) {
      const broken = { ...mixed, history: history(3).map((point) => ({ ...point, now })) };
      expect(body(render(broken))).not.toContain('NaN,');
    }
  });

  it('bounds a large fleet and says what it leaves out and where that is', () => {
    const page = render(fleet(10_000));
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    const text = textOf(page).replaceAll('\u0001', '');
    expect(page.match(/<tr data-h=/g)).toHaveLength(MOST_ROWS);
    expect(page.match(/<details class="item host/g)).toHaveLength(MOST_DETAILS);
    expect(text).toContain('The table lists 1,000 hosts of 10,000');
    expect(text).toContain('500 more hosts are not all-pass and not listed.');
    expect(text).toContain('8,500 hosts pass every check and are not listed');
    expect(text).toContain('9,000 hosts have none, 500 of them not all-pass: see results.json.');
  });

  it('stays below 5 MB when every host says as much as it can', () => {
    const loud = '<"&\u202e'.repeat(200);
    const findings = Array.from({ length: 60 }, (_, index) => ({
      subject: `${index}${loud}`,
      message: `${index}${loud}`,
      remediation: loud,
      evidence: Array.from({ length: 9 }, () => ({ probe: loud, path: loud, line: 1, excerpt: loud })),
    }));
    const [one] = findings;
    if (one === undefined) throw new Error('no finding');
    const hosts = Array.from({ length: 120 }, (_, index) =>
      host(
        `h${index}`,
        ten(result('root-login', { status: 'fail', findings: [one, ...findings.slice(1)] })),
        { environment: `${index}${loud}` },
      ),
    );
    const page = render(report(hosts));
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    expect(textOf(page)).toContain('and 40 more findings, in results.json');
    expect(textOf(page)).toContain('see results.json');
  });

  it('keeps hostile text inert: the same tags and attributes as for calm text, and nothing invisible', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        // An empty text leaves its line out, which is another shape.
        fc.pre(text !== '');
        const page = render(sayingMore(text));
        expect(body(page)).not.toMatch(INVISIBLE);
        // As long, because host lists are cut by length.
        expect(skeleton(page)).toEqual(skeleton(render(sayingMore('x'.repeat(text.length)))));
        expect(
          body(page).replaceAll(/<\/?[a-zA-Z0-9]+(?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<]*")?)*\s*\/?>/g, ''),
        ).not.toContain('<');
      }),
      { ...fixed, numRuns: 100 },
    );
  });

  it('gives host text back as text, only what is invisible in it spelled out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 }), (text) => {
        const finding = failing('password-auth', `says ${text} end`, 'account ops', `do ${text} end`);
        const shown = textOf(render(report([host('web-01', ten(finding))])));
        expect(shown).toContain(`says ${text} end`);
        expect(shown).toContain(`do ${text} end`);
      }),
      { ...fixed, numRuns: 100 },
    );
  });
});
