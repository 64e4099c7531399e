import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { accessCsv } from '../../reports/access/csv.js';
import { accessJson } from '../../reports/access/json.js';
import { accessMarkdown } from '../../reports/access/markdown.js';
import { accessTable } from '../../reports/access/table.js';
import type { AccessReport, Door, Session, Use } from '../../src/access/types.js';
import { pseudonymised } from '../../src/access/pseudonyms.js';

/** A report in which every text a host, a CA or a person may choose is `name`. */
function reportWith(name: string, more: Partial<AccessReport> = {}): AccessReport {
  const sudo = { level: 'some', noPassword: true, commands: [name], from: [name] } as const;
  const door: Door = {
    host: 'web-1', kind: 'certificate', who: name, account: name, actor: 'adm', sudo, at: name, roles: [name], policies: [name],
    holders: [name], uses: 0, note: name,
  }; // prettier-ignore
  const use: Use = {
    host: 'web-1', account: name, method: 'certificate', identity: name, actor: null, first: '2026-11-20T10:00:00Z', last: '2026-11-20T10:00:00Z',
    count: 1, from: [name], principals: [name], known: false, trusted: true,
  }; // prettier-ignore
  const session: Session = {
    host: 'web-1', account: name, identity: name, actor: null, method: 'emergency-key', from: name, at: '2026-11-20T10:00:00Z', until: null,
    approval: 'not-approved', why: name, ticket: name, moreCommands: 3, packages: [name], effect: 'altered', because: name, breakGlass: true,
    commands: [{ at: '2026-11-20T10:00:00Z', text: name, as: name, by: 'sudo', alters: ['files'], refused: name }],
  }; // prettier-ignore
  return {
    schema: 1, run: 'r', window: { from: '2026-11-07T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' }, question: { as: name, without: name },
    pseudonymised: false,
    hosts: [{
      name: 'web-1', environment: '', stateless: true, reached: true, coversFrom: null, coversTo: null, whole: false, loginSource: 'journal',
      auditing: 'off', auditingBecause: name, altered: 1, notKnown: 0, gaps: [name],
    }],
    doors: [door], uses: [use], sessions: [session], loose: [{ host: 'web-1', at: '2026-11-20T10:00:00Z', text: name, because: name }],
    shares: { certificate: 0, 'static-key': 0, 'emergency-key': 1, password: 0, other: 0, untrusted: 2 }, unused: [door], strangers: [use],
    approvals: { configured: true, problem: name, total: 1, unused: [name] },
    lost: { doors: [door], closedAccounts: [{ host: 'web-1', account: name }], logins: 1 }, reprovision: ['web-1'], warnings: [name],
    ...more,
  }; // prettier-ignore
}

const OPTIONS = { color: 0, width: 80, ascii: false, verbose: true } as const;
const HOSTILE = [
  '\u001b[2J',
  '\u202eevil',
  '=HYPERLINK("http://x")',
  '| a | b',
  '<script>',
  '::error::x',
  '\r\n## x',
  '@everyone #1',
  '`x`',
  '![](http://x)',
  '\u0000',
  '##vso[x]',
];
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(...HOSTILE),
  fc.tuple(fc.string(), fc.constantFrom(...HOSTILE)).map(([one, other]) => one + other),
);
const RUNS = { seed: 20261121, numRuns: 150 };
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

describe('the access report, whatever its names are', () => {
  test('table: no control, no line wider than the terminal, none begins with ::', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 140 }), (name, width) => {
        const out = accessTable(reportWith(name), { ...OPTIONS, width });
        expect(out).not.toMatch(CONTROL);
        for (const line of out.split('\n')) {
          expect(stringWidth(line)).toBeLessThanOrEqual(width);
          expect(line.trimStart().startsWith('::')).toBe(false);
        }
      }),
      RUNS,
    );
  });

  test('CSV: every cell quoted, none a formula, as many columns in every row', () => {
    fc.assert(
      fc.property(text, (name) => {
        const rows = accessCsv(reportWith(name)).split('\r\n').slice(0, -1);
        for (const row of rows) {
          expect(row).toMatch(/^"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*$/);
          expect(row.match(/"(?:[^"]|"")*"/g)?.length).toBe(14);
          for (const cell of row.match(/"(?:[^"]|"")*"/g) ?? [])
            expect(cell).not.toMatch(/^"(?:""| )*[=+\-@]/);
        }
      }),
      RUNS,
    );
    expect(accessCsv(reportWith('=1+1'))).toContain(`"'=1+1"`);
  });

  test('Markdown: tables stay tables, no HTML, no mention', () => {
    fc.assert(
      fc.property(text, (name) => {
        const out = accessMarkdown(reportWith(name));
        expect(out).not.toMatch(CONTROL);
        expect(out).not.toMatch(/<(?!!-- -->)[a-z/]/i);
        for (const line of out.split('\n')) {
          if (line.startsWith('| certificate'))
            expect(
              (line.match(/(?<!\\)\|/g) ?? []).length === 7 || (line.match(/(?<!\\)\|/g) ?? []).length === 5,
            ).toBe(true);
          if (line.startsWith('#')) expect(line).toMatch(/^##/);
        }
      }),
      RUNS,
    );
    expect(accessMarkdown(reportWith('@everyone'))).not.toMatch(/@everyone/);
  });

  test('JSON: the same value, nothing invisible', () => {
    fc.assert(
      fc.property(text, (name) => {
        const out = accessJson(reportWith(name));
        expect(out).not.toMatch(CONTROL);
        expect((JSON.parse(out) as AccessReport).uses[0]?.identity).toBe(name);
      }),
      RUNS,
    );
  });

  test('pseudonyms: a name is in nothing that is left but roles, policies and principals', () => {
    const key = Buffer.alloc(32, 7);
    const name = 'Zebulon';
    const out = pseudonymised(reportWith(name), key);
    const { doors, unused, lost, question, ...rest } = out;
    expect(question).toEqual({
      as: expect.stringMatching(/^id-[0-9a-f]{12}$/) as string,
      without: 'Zebulon',
    });
    for (const one of [...doors, ...unused, ...(lost?.doors ?? [])]) {
      const { roles: _roles, policies: _policies, sudo, ...door } = one;
      expect(JSON.stringify(door)).not.toContain(name);
      expect(sudo.from).toEqual([]);
    }
    const hosts = rest.hosts.map(({ auditingBecause: _because, ...host }) => host);
    const sessions = rest.sessions.map(
      ({ because: _because, packages: _packages, ticket: _ticket, commands, ...one }) => ({
        ...one,
        commands: commands.map(({ text: _text, refused: _refused, ...command }) => command),
      }),
    );
    expect(JSON.stringify({ ...rest, hosts, sessions, lost: lost?.closedAccounts })).not.toContain(name);
    expect(pseudonymised(reportWith(name), key)).toEqual(out);
    expect(out.uses[0]?.identity).toBe(out.sessions[0]?.identity);
  });
});

describe('what the table says', () => {
  test('the four questions, break glass first, and never "no changes" where nothing was recorded', () => {
    const out = accessTable(reportWith('adm-bernd'), OPTIONS);
    for (const part of [
      'WHO MAY',
      'WHO DID',
      'WHY',
      'WHAT CHANGED',
      'NOT KNOWN',
      'BREAK GLASS',
      're-provision',
      'cannot be known',
      'not counted',
    ])
      expect(out).toContain(part);
    expect(out).not.toMatch(/no changes|unchanged/i);
  });

  test('without logins, doors or approvals it still says so', () => {
    const none: Partial<AccessReport> = {
      doors: [], uses: [], sessions: [], loose: [], unused: [], strangers: [], reprovision: [],
      shares: { certificate: 0, 'static-key': 0, 'emergency-key': 0, password: 0, other: 0, untrusted: 0 },
      approvals: { configured: false, problem: '', total: 0, unused: [] },
    }; // prettier-ignore
    const out = accessTable(reportWith('x', none), { ...OPTIONS, ascii: true });
    expect(out).toContain('no logins in the window');
    expect(out).toContain('no source of approvals');
    expect(accessMarkdown(reportWith('x', none))).toContain('None.');
  });
});
