/** The algorithms of one SSH server, each judged once, by what it offered and by what `sshd -T` prints. */
import { grouped } from '../../../src/grouped.js';
import type { Finding } from '../../../src/model.js';
import type { Missing } from '../../lib/law.js';
import { failedAlgorithm, type Named, type Server } from './algorithm-finding.js';
import { sourceOf, type Verdict } from './algorithm-policy.js';
import { REVIEWED, type Kind } from './algorithms/rule.js';
import { difference, KEYWORDS, NAMES, offered, whose } from './offers.js';
import { listed } from './words.js';

/** Of the algorithms of one kind. */
const MOST_NAMED = 8;

export interface JudgedServer {
  readonly findings: readonly Finding[];
  readonly missing: readonly Missing[];
  readonly notes: readonly string[];
}

/** Names on the wire are judged as they are; names only `sshd -T` prints are what the next start of sshd offers. */
export function judgeServer(from: Server, verdictOf: (kind: Kind, name: string) => Verdict): JudgedServer {
  // Nearly all of them are sound, on nearly all servers: of those there is nothing to tell.
  const all = namesOf(from).flatMap(({ kind, name, onWire }): Named[] => {
    const verdict = verdictOf(kind, name);
    return verdict.level === 'sound' ? [] : [{ ...from, kind, name, onWire, verdict }];
  });
  const failing = all.filter(({ verdict }) => verdict.level === 'fail');
  return {
    findings: failing.filter(isOffered).map(failedAlgorithm),
    missing: [
      ...disagreement(from),
      ...alike(failing.filter((one) => !isOffered(one))).map(keyless),
      ...alike(all.filter(({ verdict }) => verdict.level === 'unjudged')).map(unjudged),
    ],
    notes: alike(all.filter(({ verdict }) => verdict.level === 'warn' || verdict.level === 'note')).map(
      remark,
    ),
  };
}

function namesOf({ offer, server }: Server): { kind: Kind; name: string; onWire: boolean }[] {
  const wire = offer
    ? offered(offer).flatMap(([kind, names]) => names.map((name) => ({ kind, name, onWire: true })))
    : [];
  const known = new Set(wire.map(({ kind, name }) => `${kind} ${name}`));
  const kinds = Object.keys(KEYWORDS) as Kind[];
  const printedNames = kinds
    // Of host key algorithms sshd offers those it has a key for: once it has answered, the others are none of it.
    .filter((kind) => offer === null || kind !== 'hostKey')
    .flatMap((kind) => (server?.names[kind] ?? []).map((name) => ({ kind, name, onWire: false })));
  return [...wire, ...printedNames.filter(({ kind, name }) => !known.has(`${kind} ${name}`))];
}

/** A host key algorithm that is only configured takes a key that was not seen. */
function isOffered({ kind, onWire }: Named): boolean {
  return onWire || kind !== 'hostKey';
}

/** The offer and the configuration tell of different servers, or of one that was not restarted. */
function disagreement({ offer, server }: Server): Missing[] {
  if (!offer || !server) return [];
  const found = difference(offer, server);
  if (found === null)
    return [
      {
        reason: 'no-evidence',
        detail: `${whose(server)} -T did not print its algorithms: whether the server that answered runs with this configuration is not known.`,
      },
    ];
  if (found.onlyOffered.length + found.onlyConfigured.length === 0) return [];
  const told = [
    ...(found.onlyOffered.length > 0
      ? [`only the server names ${listed(found.onlyOffered, MOST_NAMED)}`]
      : []),
    ...(found.onlyConfigured.length > 0
      ? [`only sshd -T names ${listed(found.onlyConfigured, MOST_NAMED)}`]
      : []),
  ];
  return [
    {
      reason: 'disagreement',
      detail: `the server that answered does not run with the configuration that was read: ${told.join(', ')}. Restart sshd and gather again; if it stays, something else answers at this address.`,
    },
  ];
}

/** Names of one kind that share a verdict, in their order. */
function alike(all: readonly Named[]): readonly (readonly [Named, ...Named[]])[] {
  const groups = grouped(
    all,
    ({ kind, onWire, verdict }) => `${kind} ${onWire} ${verdict.why} ${verdict.allowedDespite?.why ?? ''}`,
  );
  return [...groups.values()];
}

function remark(group: readonly [Named, ...Named[]]): string {
  const { verdict } = group[0];
  const { allowedDespite } = verdict;
  const despite = allowedDespite ? `, though ${allowedDespite.why}${sourceOf(allowedDespite)}` : '';
  const end = verdict.failsFrom === undefined ? '' : `; it fails from ${verdict.failsFrom} on`;
  return `${verdict.level === 'warn' ? 'To be replaced: ' : ''}${titleOf(group)}: ${verdict.why}${sourceOf(verdict)}${despite}${end}.`;
}

function unjudged(group: readonly [Named, ...Named[]]): Missing {
  return {
    reason: 'unsupported',
    detail: `${titleOf(group)}: the rules reviewed on ${REVIEWED} do not know it. Say under policy: algorithms: whether it is allowed or denied.`,
  };
}

function keyless(group: readonly [Named, ...Named[]]): Missing {
  const { server, verdict } = group[0];
  return {
    reason: 'no-evidence',
    detail: `${titleOf(group)}: ${verdict.why}; ${whose(server)} may use it, and whether it has such a host key was not seen. Remove it from HostKeyAlgorithms.`,
  };
}

/** `MAC hmac-sha1, hmac-sha1-etm@openssh.com`, and of which sshd when it did not answer. */
function titleOf(group: readonly [Named, ...Named[]]): string {
  const [{ kind, onWire, server, offer }] = group;
  const of = onWire || offer ? '' : ` (configured for ${whose(server)})`;
  const names = group.map(({ name }) => name);
  return `${NAMES[kind]} ${listed(names, MOST_NAMED)}${of}`;
}
