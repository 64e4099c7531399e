/** From what sshd would do on each kind of connection to findings, one for each place a bad value comes from. */
import type { SshdCase, SshdFacts } from '../../src/facts/types.js';
import type { Finding, Reading } from '../../src/model.js';
import type { Missing } from './law.js';
import { placeOf, printed, remedy, subjectOf, whoAndHow } from './sshd.js';

/** One thing a configuration does wrong. */
export interface Fault {
  /** The keyword as sshd_config(5) writes it. */
  readonly name: string;
  /** What it is and what an attacker gains, to follow the keyword and the accounts; no full stop. */
  readonly says: string;
  /** The value it should have. */
  readonly wanted: string;
}

/** The value, case kept; null when unset, `none` or not printed. */
export function valueOf(one: SshdCase, keyword: string): string | null {
  const value = one.settings[keyword]?.[0]?.trim() ?? '';
  return value === '' || value.toLowerCase() === 'none' ? null : value;
}

export function caseFindings(
  sshd: Reading<SshdFacts>,
  faultsOf: (one: SshdCase) => readonly Fault[],
): Finding[] {
  if (!sshd.ok) return [];
  const findings = new Map<string, Finding>();
  for (const one of sshd.value.cases) {
    for (const { name, says, wanted } of faultsOf(one)) {
      // One value may be wrong in two ways, and one line may be right for some accounts only.
      const subject = subjectOf(name, one);
      const known = findings.get(subject);
      if (known) continue;
      findings.set(subject, {
        subject,
        message: `${name} for ${whoAndHow(one)} ${says}.`,
        evidence: [printed(one, name.toLowerCase())],
        ...placeOf(one, name),
        remediation: remedy(sshd.value, one, name, wanted),
      });
    }
  }
  return [...findings.values()];
}

/** Keywords (several names for one: the old ones too) that this sshd never prints, so that nothing is known of them. */
export function notPrinted(sshd: Reading<SshdFacts>, ...keywords: readonly (readonly string[])[]): Missing[] {
  const cases = sshd.ok ? sshd.value.cases : [];
  return keywords
    .filter((names) => cases.some((one) => names.every((name) => one.settings[name] === undefined)))
    .map(([name = '']) => ({
      reason: 'unsupported',
      detail: `sshd -T does not print ${name} for every connection`,
    }));
}

/** Each detail once. */
export function distinct(missing: readonly Missing[]): Missing[] {
  return [...new Map(missing.map((one) => [one.detail, one])).values()];
}
