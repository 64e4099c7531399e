/** Checks and their outcomes. */
import type { FleetFacts, FleetHost, FleetIndex, HostFacts } from '../facts/types.js';
import type { Expectations } from './inventory.js';
import type { Policy } from './policy.js';
import type { UnreadableReason } from './reading.js';

export type CheckId =
  | 'ca-trust'
  | 'no-static-keys'
  | 'principals'
  | 'certificate-lifetime'
  | 'password-auth'
  | 'root-login'
  | 'actor-wrapper'
  | 'audit-logging'
  | 'ca-security'
  | 'bootstrap-complete';

/** Checks of the guidance. */
export type GuidanceId =
  | 'multi-factor'
  | 'shared-keys'
  | 'separate-bastions'
  | 'shells'
  | 'privileged-sessions'
  | 'algorithms'
  | 'leavers'
  | 'cloud-credentials'
  | 'session-length'
  | 'ssm-instead';

export type Severity = 'critical' | 'high' | 'medium' | 'low';
export type Framework = 'NIST 800-53 r5' | 'ISO 27001:2022' | 'CIS Controls v8' | 'SOC 2';

/** Points from an outcome back into the evidence. */
export interface EvidenceRef {
  /** Probe or source name. */
  readonly probe: string;
  /** File on the host, account, process, URL: whatever the text was read from. */
  readonly path?: string;
  /** Line in `path`, from 1. */
  readonly line?: number;
  /** The decisive text, at most 300 characters. Host text: escape at the edge. */
  readonly excerpt?: string;
}

export interface Finding {
  /** What is wrong, named: `account alice`, `/etc/ssh/sshd_config:12`, `SHA256:…`. Stable between runs. */
  readonly subject: string;
  /** A full sentence: what was found and what an attacker gains. */
  readonly message: string;
  readonly evidence: readonly EvidenceRef[];
  readonly at?: { readonly path: string; readonly line?: number };
  /** The exact remedy for this finding. */
  readonly remediation?: string;
}

export type UnknownReason =
  | UnreadableReason
  | 'unreachable'
  | 'missing-source'
  | 'no-evidence'
  | 'disagreement'
  | 'unsupported'
  | 'check-crashed';

export type Outcome =
  | {
      readonly status: 'pass';
      readonly because: string;
      readonly evidence: readonly EvidenceRef[];
      readonly notes?: readonly string[];
    }
  | {
      readonly status: 'fail';
      readonly findings: readonly [Finding, ...Finding[]];
      readonly notes?: readonly string[];
    }
  | {
      readonly status: 'unknown';
      readonly reason: UnknownReason;
      readonly detail: string;
      /** Everything else that is missing, one sentence each. */
      readonly missing?: readonly string[];
      readonly evidence?: readonly EvidenceRef[];
      readonly notes?: readonly string[];
    };

export interface CheckMeta<
  H extends keyof HostFacts = keyof HostFacts,
  F extends keyof FleetFacts = keyof FleetFacts,
> {
  /** 1 to 10 for the scorecard; all others have none. */
  readonly number?: number;
  /** Of the guidance that goes with the product: on by default, shown apart, never scored. Plug-ins have none. */
  readonly pack?: 'guidance';
  /** Equal to the file name; a noun. */
  readonly id: string;
  /** States the good condition. */
  readonly title: string;
  /** The scorecard's own category name (directive section 5). */
  readonly category: string;
  /** Section of the directive that asks for it. */
  readonly directive: string;
  /** What an attacker gains when it fails. */
  readonly why: string;
  /** How to mend it, generally. */
  readonly fix: string;
  /** What is looked at, one item each. */
  readonly looksAt: readonly string[];
  /** What a pass does not prove. */
  readonly limits: readonly string[];
  readonly severity: Severity;
  /** The only facts `evaluate` will receive. */
  readonly needs: { readonly host: readonly H[]; readonly fleet: readonly F[] };
  readonly controls: Readonly<Partial<Record<Framework, readonly string[]>>>;
}

export interface CheckInput<
  H extends keyof HostFacts = keyof HostFacts,
  F extends keyof FleetFacts = keyof FleetFacts,
> {
  readonly host: Pick<HostFacts, H>;
  readonly fleet: Pick<FleetFacts, F>;
  readonly expected: Expectations;
  readonly policy: Policy;
  readonly now: Date;
}

/** What a second look is given, when every host of the run has been judged alone. */
export interface FleetLook {
  /** The host whose outcome this is. */
  readonly host: FleetHost;
  /** What `evaluate` said of it. */
  readonly outcome: Outcome;
  readonly fleet: FleetIndex;
  readonly policy: Policy;
  readonly now: Date;
}

/**
 * One scorecard item, or a plug-in's, or of the guidance: metadata and a pure function. It need not catch: a throw
 * becomes `unknown`.
 */
export interface Check<
  H extends keyof HostFacts = keyof HostFacts,
  F extends keyof FleetFacts = keyof FleetFacts,
> {
  readonly meta: CheckMeta<H, F>;
  evaluate(input: CheckInput<H, F>): Outcome;
  /** For what no host shows alone: the outcome again, in view of all hosts. Absent: what `evaluate` said stands. */
  compare?(look: FleetLook): Outcome;
}

/** A check whose needs are forgotten, as lists hold them. */
// oxlint-disable-next-line typescript/no-explicit-any -- Check is contravariant in its needs; a list has to forget them
export type AnyCheck = Check<any, any>;
