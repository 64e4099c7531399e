/** Text a hostile host may send, and the places of a report it can get into. */
import fc from 'fast-check';
import type { FleetReport } from '../../src/model.js';
import { host, report, result, ten } from '../fixtures/reports/build.js';

const nasty = fc.constantFrom(
  '\u0000',
  '\t',
  '\n',
  '\r',
  '\u001b[2J',
  '\u007f',
  '\u0085',
  '\u200b',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ufffe',
  '\ud800',
  '\\',
  '##[',
  '##vso[',
  '\n::error::',
  '::',
  ']]>',
  '<script>',
  '&',
  '"',
  "'",
  '=1',
  '+1',
  '-1',
  '@x',
  '%0A',
  ',',
  '|',
  '`',
  'www.x',
  'https://x',
  '#12',
  '  ',
  '\n- ',
  '](javascript:x)',
  '{0}',
  '}',
  '日本',
  '\u{1f600}',
);

export const hostileText = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.string()), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''));

export const fixed = { seed: 20261121, numRuns: 300 } as const;

/** A report whose every free text is `text`. */
export function saying(text: string): FleetReport {
  const evidence = [{ probe: text, path: text, line: 3, excerpt: text }];
  const base = report([]);
  const waiver = {
    check: 'root-login',
    hosts: [],
    subjects: [],
    owner: text,
    approver: text,
    reason: text,
    expires: text,
    expired: false,
  };
  const failed = {
    status: 'fail',
    findings: [{ subject: text, message: text, evidence, remediation: text, at: { path: text, line: 2 } }],
  } as const;
  const failure = { code: 'dns', phase: 'resolve', detail: text, hint: text } as const;
  const lost = ten().map(({ id }) =>
    result(id, { status: 'unknown', reason: 'unreachable', detail: text, missing: [text] }),
  );
  const hosts = [
    host(`a${text}`, ten(result('password-auth', failed), result('root-login', failed, waiver)), {
      environment: text,
      tags: [text],
      collectedAt: text,
      evidenceSha256: text,
      at: { file: text, line: 1, column: 1 },
      connection: {
        transport: 'ssh',
        address: text,
        port: 22,
        user: text,
        route: [text],
        hostKey: { type: text, fingerprint: text, verifiedBy: text },
      },
      extra: [result(text, failed)],
      guidance: [result(text, failed)],
    }),
    host(
      `b${text}`,
      ten(
        result('ca-trust', {
          status: 'unknown',
          reason: 'denied',
          detail: text,
          missing: [text],
          notes: [text],
        }),
      ),
    ),
    host(`c${text}`, lost, { failure }),
    host(`d${text}`, []),
  ];
  return report(hosts, {
    warnings: [text],
    closure: {
      ...base.closure,
      verdict: 'open',
      because: text,
      recommended: [text],
      conditions: [{ id: text, title: text, state: 'unproven', because: text, provide: text }],
      triggers: [{ id: text, title: text, fired: true, because: text }],
    },
  });
}

/** What no format may ever let through. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Every string in a parsed document, keys included: what its reader gets to see. */
export function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)]);
}
