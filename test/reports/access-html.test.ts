import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STYLE } from '../../reports/html/style.js';
import { madeDigest } from '../access/made-fleet.js';
import { report } from '../fixtures/reports/build.js';
import { accessPage } from './access-page.js';
import { fixed, hostileText, INVISIBLE } from './hostile.js';
import { rendered, sha256, whole } from './html-whole.js';

const hosts = (count: number) => Array.from({ length: count }, (_, index) => index);
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(?:quot|#39);/g, "'")
    .replaceAll(/\s+/g, ' ');
}

function figure(page: string, id: string): string {
  return new RegExp(`<figure class="picture" aria-labelledby="${id}-c">.*?</figure>`).exec(page)?.[0] ?? '';
}

describe('access in the HTML report', () => {
  it('is there only when the run collected it', () => {
    const without = rendered(report([]));
    expect(without).not.toContain('id="access"');
    expect(without).not.toContain('href="#access"');
    expect(rendered(whole)).toContain('<a href="#access">Access</a>');
  });

  it('answers the four questions, says it is no verdict, and what it does not know', () => {
    const text = textOf(rendered(whole));
    for (const said of [
      `Who may: ${whole.access?.may.total ?? 0} ways in`, 'Who did:', 'Never used in the window:', 'Why: 12 approvals', 'What changed:', 'Not known',
      'Told, not judged: it is in no score and in no verdict', '1 host of 13 told nothing of this', 'password', 'break glass',
      'anybody with the password', 'held by adm-bernd, adm-carla', 'signed by ssh/adm', 'for holders of policy adm-sign',
      'Re-provision , because they are stateless and were altered', 'Nothing is called unused where', 'another program wrote: not counted',
      'cannot be known', 'Approved and never used', 'self-approved', 'outside its approval', 'without approval',
    ])
      expect(text.includes(said) ? '' : said).toBe(''); // prettier-ignore
    expect(text).not.toMatch(/no changes|unchanged/i);
  });

  it('without a source of approvals it calls no login approved or not', () => {
    const digest = madeDigest(hosts(2));
    const text = textOf(accessPage({ ...digest, why: { ...digest.why, configured: false, rows: [] } }));
    expect(text).toContain('no login is called approved or not');
  });

  it('bounds every list, counts what is left out and names where it is', () => {
    const digest = madeDigest(hosts(1200));
    const page = accessPage(digest);
    expect(Buffer.byteLength(page)).toBeLessThan(400_000);
    const text = textOf(page);
    for (const left of [digest.why.left, digest.changed.sessions.left, digest.changed.loose.left]) {
      expect(left).toBeGreaterThan(0);
      expect(text).toContain(`and ${new Intl.NumberFormat('en').format(left)} more`);
    }
    expect(text).toContain('ssh-scorecard access RUN -f csv');
  });

  it('an empty fleet and a fleet without logins still say so', () => {
    expect(textOf(accessPage(madeDigest([])))).toContain('No way in is known.');
    expect(textOf(accessPage(madeDigest([])))).toContain('No login is known in the window.');
  });
});

describe('pictures', () => {
  const page = accessPage(madeDigest(hosts(24)));
  const digest = madeDigest(hosts(24));

  it.each(['days', 'hours', 'grants'])(
    '%s has a title, a description, and a table with the same numbers',
    (id) => {
      const drawn = figure(page, id);
      expect(drawn).toMatch(new RegExp(`<svg [^>]*role="img" aria-labelledby="${id}-t ${id}-d"`));
      expect(drawn).toMatch(
        new RegExp(`<title id="${id}-t">[^<]{10,}</title><desc id="${id}-d">[^<]{20,}</desc>`),
      );
      expect(drawn).toContain('<table>');
      expect(drawn).toMatch(/<th scope="row">/);
    },
  );

  it('days: one bar a method and day, as high as its number; every day is in the table', () => {
    const drawn = figure(page, 'days');
    const bars = Array.from(drawn.matchAll(/height="([\d.]+)"><title>(\S+): (\d+) by ([a-z ]+)<\/title>/g));
    const expected = digest.pictures.days.flatMap(({ counts }) => Object.values(counts).filter((n) => n > 0));
    expect(bars.length).toBe(expected.length);
    const scale = new Set(bars.map(([, height, , n]) => Math.round((Number(height) / Number(n)) * 10)));
    expect(scale.size).toBeLessThanOrEqual(2);
    for (const { day, counts } of digest.pictures.days) {
      const row = new RegExp(`<th scope="row">${day}</th>(.*?)</tr>`).exec(drawn)?.[1] ?? '';
      const cells = Array.from(row.matchAll(/<td class="num">([\d,]+)<\/td>/g), ([, n]) => Number(n));
      expect(cells).toEqual([...Object.values(counts), Object.values(counts).reduce((a, b) => a + b, 0)]);
    }
  });

  it('hours: 168 cells with their numbers, in a stated zone', () => {
    const drawn = figure(page, 'hours');
    expect(drawn.match(/<rect class="h[0-4]"/g)).toHaveLength(168);
    expect(drawn).toContain('(UTC)');
    const monday = digest.pictures.hours[0]?.[1] ?? 0;
    expect(drawn).toContain(`<title>Monday 01:00: ${monday} logins</title>`);
    expect(drawn).toContain(`<th scope="row">01:00</th><td class="num">${monday}</td>`);
  });

  it('grants: used, not used and not known are three shapes, and words in the table', () => {
    const drawn = figure(page, 'grants');
    const cells = digest.pictures.grants.rows.flatMap((row) => row.cells);
    const told = (key: 'used' | 'unused' | 'unknown') => cells.filter((cell) => cell?.[key]).length;
    const keys = 1;
    expect(drawn.match(/class="g-used"/g)).toHaveLength(told('used') + keys);
    expect(drawn.match(/<circle class="over"/g)).toHaveLength(told('used') + keys);
    expect(drawn.match(/class="g-unused"/g)).toHaveLength(told('unused') + keys);
    expect(drawn.match(/<text [^>]*>\?<\/text>/g)).toHaveLength(told('unknown') + keys);
    expect(drawn).toContain('<title>adm-full on web-000: used</title>');
    expect(drawn).toContain('<th scope="col">not used on</th>');
  });

  it('grants of a large fleet: an environment a column, with numbers', () => {
    const drawn = figure(accessPage(madeDigest(hosts(90))), 'grants');
    expect(drawn).toContain('<th scope="col">production (30 hosts)</th>');
    expect(drawn).toMatch(/<title>adm-readonly on staging: \d+ not used, \d+ not known<\/title>/);
  });

  it('no method is told by its colour alone', () => {
    for (const method of ['static-key', 'emergency-key', 'password', 'other'])
      expect(page.match(new RegExp(`<pattern id="pat-${method}".*?</pattern>`))?.[0]).toContain(
        'class="over"',
      );
    const shapes = Array.from(
      page.matchAll(/<pattern id="pat-[a-z-]+"[^>]*>(.*?)<\/pattern>/g),
      ([, inner = '']) => inner.replaceAll(/class="m-[a-z-]+"/g, ''),
    );
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});

describe('the access report as a page of its own', () => {
  it('has no script, and a policy that lets none in', () => {
    const page = accessPage(madeDigest(hosts(3)));
    expect(page).not.toContain('<script');
    expect(page).toContain(
      `content="default-src 'none'; style-src 'sha256-${sha256(STYLE)}'; base-uri 'none'; form-action 'none'"`,
    );
  });

  it('says what was asked, what closing a principal costs, and what to know', () => {
    const text = textOf(
      accessPage(madeDigest(hosts(3)), {
        question: { as: 'adm-bernd', without: 'adm-full' },
        warnings: ['roles of the CA are not known'],
        lost: { doors: [], closedAccounts: [{ host: 'web-1', account: 'ops' }], logins: 7 },
      }),
    );
    for (const said of [
      'as adm-bernd, without adm-full',
      'Without adm-full',
      '7 logins of the window used',
      'ops on web-1',
      'roles of the CA are not known',
    ])
      expect(text).toContain(said);
  });

  it('has the same tags and attributes whatever the names are', () => {
    const tags = (page: string) =>
      page
        .slice(page.indexOf('<body>'))
        .replaceAll(/="[^"]*"/g, '')
        .match(/<[^>]*>/g);
    const draw = (text: string) =>
      accessPage(madeDigest([0, 3, 4, 5], text, 2), { run: text, warnings: [text] });
    fc.assert(
      fc.property(hostileText, (text) => {
        fc.pre(text !== '');
        const page = draw(text);
        expect(page.slice(page.indexOf('<body>')).replaceAll('\n', '')).not.toMatch(INVISIBLE);
        expect(tags(page)).toEqual(tags(draw('x'.repeat(text.length))));
      }),
      { ...fixed, numRuns: 40 },
    );
  });

  it('keeps hostile names inert', () => {
    const text = `<script>alert(1)</script> "><img src=x onerror=alert(2)> \u202e\u0000`;
    const page = accessPage(madeDigest(hosts(12), text), {
      run: text,
      question: { as: text },
      warnings: [text],
    });
    const body = page.slice(page.indexOf('<body>')).replaceAll('\n', '');
    expect(body).not.toMatch(INVISIBLE);
    expect(body).not.toMatch(/<script|<img/);
    expect(body).toContain('\\u202e\\u0000');
  });
});

/** sRGB, as WCAG 2.2 computes it ("relative luminance"). */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Colours of one scheme, the later ones in the sheet winning. */
function colours(scheme: 'light' | 'dark' | 'print'): ReadonlyMap<string, string> {
  const blocks = Array.from(
    STYLE.matchAll(/(@media [^{]*\{\s*)?:root \{(.*?)\}/gs),
    ([, media = '', body = '']) => ({
      media,
      body,
    }),
  );
  const wanted = blocks.filter(
    ({ media }) =>
      media === '' ||
      (scheme === 'dark' && media.includes('dark')) ||
      (scheme === 'print' && media.includes('print')),
  );
  return new Map(
    wanted.flatMap(({ body }) =>
      Array.from(
        body.matchAll(/(--[a-z0-9-]+): (#[0-9a-f]{6})/g),
        ([, name = '', value = '']) => [name, value] as const,
      ),
    ),
  );
}

describe('colours of the pictures', () => {
  it.each(['light', 'dark', 'print'] as const)(
    '%s: numbers can be read on their cell, shapes told from the paper',
    (scheme) => {
      const of = colours(scheme);
      const get = (name: string): string => of.get(name) ?? '#000000';
      for (const level of [1, 2, 3, 4])
        expect(contrast(get(`--h${level}`), get(`--t${level}`))).toBeGreaterThanOrEqual(4.5);
      for (const method of ['certificate', 'static-key', 'emergency-key', 'password', 'other'])
        expect(contrast(get(`--m-${method}`), get('--paper'))).toBeGreaterThanOrEqual(3);
    },
  );
});
