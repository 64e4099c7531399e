/** Who should be let in against who is: the inventory's principals and the files', both ways. Directive 3.2 and 4.1. */
import type { PrincipalsFile } from '../../src/facts/types.js';
import { ACTORS, type Actor, type Expectations, type Finding } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import { excerpt } from './law.js';
import { counts } from './principal-files.js';

/** One principal of one file that sshd honours for an account. */
export interface Grant {
  readonly account: string;
  readonly principal: string;
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export function grantsOf(files: readonly PrincipalsFile[]): Grant[] {
  return files.flatMap(({ account, file: { path }, lines }) =>
    account === null
      ? []
      : lines.filter(counts).map(({ principal, line, text }) => ({ account, principal, path, line, text })),
  );
}

export type Mode = 'exact' | 'accounts' | 'union';

export function modeOf({ principals, accounts }: Pick<Expectations, 'principals' | 'accounts'>): Mode {
  if (principals) return 'exact';
  return accounts ? 'accounts' : 'union';
}

/** @param pathOf where the principals of an account belong, for the remedy */
export function compare(
  grants: readonly Grant[],
  expected: Expectations,
  pathOf: (account: string) => string,
): Finding[] {
  const { principals, accounts, allowedPrincipals } = expected;
  if (principals) {
    const allowed = (account: string) =>
      Object.hasOwn(principals, account) ? (principals[account] ?? []) : [];
    const lacking = Object.keys(principals).flatMap((account) =>
      absent(
        allowed(account),
        grants.filter((grant) => grant.account === account),
      ).map((principal) => lack(principal, `account ${account}`, pathOf(account))),
    );
    return [
      ...lacking,
      ...extras(grants, (grant) => allowed(grant.account), 'the inventory does not give it to this account'),
    ];
  }
  if (accounts) {
    const allowed = (account: string) =>
      ACTORS.filter((actor) => accounts[actor].includes(account)).flatMap(
        (actor) => allowedPrincipals[actor],
      );
    const lacking = ACTORS.flatMap((actor) =>
      absent(
        allowedPrincipals[actor],
        grants.filter((grant) => accounts[actor].includes(grant.account)),
      ).map((principal) =>
        lack(
          principal,
          `the ${actor} accounts (${accounts[actor].join(', ') || 'none named'})`,
          accounts[actor].map(pathOf).join(' or ') || 'a principals file',
        ),
      ),
    );
    return [
      ...lacking,
      ...extras(
        grants,
        (grant) => allowed(grant.account),
        'the inventory allows it on no account of this kind',
      ),
    ];
  }
  const all = ACTORS.flatMap((actor) => allowedPrincipals[actor]);
  return [
    ...absent(all, grants).map((principal) =>
      lack(principal, 'any account', 'the file of the account it should open'),
    ),
    ...extras(grants, () => all, 'the inventory does not allow it on this host'),
    ...mixtures(grants),
  ];
}

function absent(wanted: readonly string[], grants: readonly Grant[]): string[] {
  return [...new Set(wanted)].filter((principal) => !grants.some((grant) => grant.principal === principal));
}

function lack(principal: string, whom: string, path: string): Finding {
  return {
    subject: `principal ${principal} for ${whom}`,
    message: `The inventory allows ${principal} for ${whom}, but no principals file sshd reads grants it: the certificate is refused, and its holder looks for another way in.`,
    evidence: [{ probe: 'principals', excerpt: `no line grants ${principal}` }],
    remediation: `Add the line \`${principal}\` to ${path}, or take it out of the inventory.`,
  };
}

function extras(
  grants: readonly Grant[],
  allowed: (grant: Grant) => readonly string[],
  why: string,
): Finding[] {
  return grants
    .filter((grant) => !allowed(grant).includes(grant.principal))
    .map((grant) => ({
      subject: `${grant.path}:${grant.line} for ${grant.account}`,
      message: `${grant.path}:${grant.line} lets every holder of a certificate for ${grant.principal} log in as ${grant.account}, and ${why}.${claim(grant)}`,
      evidence: [{ probe: 'principals', path: grant.path, line: grant.line, excerpt: excerpt(grant.text) }],
      at: { path: grant.path, line: grant.line },
      remediation: `Delete line ${grant.line} of ${grant.path}, or add ${grant.principal} to the inventory.`,
    }));
}

/** An account named after one kind of actor that lets in another. */
function claim({ account, principal }: Grant): string {
  const [one, other] = [actorOf(account), actorOf(principal)];
  return one !== null && other !== null && one !== other
    ? ` An ${other} identity enters an ${one} account.`
    : '';
}

/** Without a map of accounts: one account should serve one kind of actor, and the kind it is named after. */
function mixtures(grants: readonly Grant[]): Finding[] {
  const byAccount = new Map<string, Grant[]>();
  for (const grant of grants) byAccount.set(grant.account, [...(byAccount.get(grant.account) ?? []), grant]);
  return [...byAccount].flatMap(([account, own]): Finding[] => {
    const kinds = new Set(
      [actorOf(account), ...own.map(({ principal }) => actorOf(principal))].filter(
        (actor): actor is Actor => actor !== null,
      ),
    );
    if (kinds.size < 2) return [];
    return [
      {
        subject: `account ${account}`,
        message: `The account ${account} serves different kinds of actor (${[...kinds].join(', ')}): an agent or automation that enters it has what a person has there.`,
        evidence: own
          .slice(0, 5)
          .map(({ path, line, text }) => ({ probe: 'principals', path, line, excerpt: excerpt(text) })),
        remediation:
          'Give each kind of actor an account of its own, or say in the inventory which account accepts what (accounts or principals).',
      },
    ];
  });
}
