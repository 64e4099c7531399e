/** An algorithm that fails, as a finding: what the server does with it, and the line to take it out of. */
import type { AlgorithmOffer, Origin, SshdFacts } from '../../../src/facts/types.js';
import type { Finding, Reading } from '../../../src/model.js';
import { printed } from '../../lib/sshd.js';
import { sourceOf, type Verdict } from './algorithm-policy.js';
import type { Kind } from './algorithms/rule.js';
import { KEYWORDS, lineSetting, NAMES, offerLine, whose, type Configured } from './offers.js';

/** An SSH server, by its own words and by its configuration. */
export interface Server {
  /** Null: this server did not answer the collector. */
  readonly offer: AlgorithmOffer | null;
  /** Null: nothing is known of its configuration. */
  readonly server: Configured | null;
  readonly sshd: Reading<SshdFacts>;
}

/** One algorithm of it, judged. */
export interface Named extends Server {
  readonly kind: Kind;
  readonly name: string;
  readonly onWire: boolean;
  readonly verdict: Verdict;
}

/** What the server does with it, why that is wrong, and where to take it out. */
export function failedAlgorithm(named: Named): Finding {
  const { kind, name, server, verdict, onWire, offer } = named;
  const does = onWire
    ? 'The server offers'
    : offer
      ? 'sshd_config holds, for the next start of sshd,'
      : `${whose(server)} is configured to offer`;
  const keyword = KEYWORDS[kind];
  const at = lineOf(named);
  return {
    subject: `${NAMES[kind]} ${name}${server?.one.daemon ? ` of \`${server.one.daemon.command}\`` : ''}`,
    message: `${does} the ${NAMES[kind]} ${name}: ${verdict.why}${sourceOf(verdict)}.`,
    evidence: [
      ...(onWire && offer ? [offerLine(offer, kind)] : []),
      ...(server && keyword !== undefined && server.names[kind]?.includes(name)
        ? [printed(server.one, keyword.toLowerCase())]
        : []),
    ],
    ...(at && { at }),
    remediation: remedy(named, at),
  };
}

function remedy({ kind, name, server, sshd }: Named, at: Origin | undefined): string {
  const keyword = KEYWORDS[kind];
  if (keyword === undefined) return `Switch ${name} off in the server’s configuration.`;
  const after = server?.one.daemon
    ? `Then restart that sshd (${server.one.daemon.startedBy}).`
    : 'Check with `sshd -t`, then restart sshd.';
  if (at?.path.includes('crypto-policies'))
    return `The system’s policy sets ${keyword}: update-crypto-policies --set DEFAULT, or a module that takes ${name} away. ${after}`;
  if (at) return `In ${at.path}, take ${name} out of \`${keyword}\` in line ${at.line}. ${after}`;
  const main = server?.one.daemon?.configFile ?? (sshd.ok ? sshd.value.files[0]?.path : undefined);
  return `Put \`${keyword} -${name}\` at the top of ${main ?? '/etc/ssh/sshd_config'} (OpenSSH 7.5 and later; several names with commas), or upgrade sshd. ${after}`;
}

/** Where the list stands that the name is in. */
function lineOf({ kind, server, sshd }: Named): Origin | undefined {
  const keyword = KEYWORDS[kind];
  return server && sshd.ok && keyword !== undefined ? lineSetting(sshd.value, server, keyword) : undefined;
}
