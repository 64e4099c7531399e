/**
 * Guidance, "SSH shells must be limited to users who need shell (by comparison to users who will use SSH as a port
 * forwarding tunnel)": who gets a shell, and whether accounts for tunnels get a tunnel and nothing more.
 */
import type { Account } from '../../src/facts/types.js';
import { compileGlob } from '../../src/inventory/glob.js';
import type { Check, Finding, Policy } from '../../src/model.js';
import { judge, missingFrom, valueOr } from '../lib/law.js';
import { distinct } from '../lib/settings.js';
import { FINE, type Verdict } from './lib/doors.js';
import { casesOf, entriesOf, forcedBy, hasShell, peopleOf, type Entry } from './lib/entries.js';
import { machineVerdict, strangerVerdict, unlisted } from './lib/free-shells.js';
import { tunnelVerdict } from './lib/tunnels.js';
import { lineOf } from './lib/words.js';

type Needs = 'sshd' | 'accounts' | 'authorizedKeys' | 'principalsFiles';

export const shells: Check<Needs, 'certificateLog'> = {
  meta: {
    pack: 'guidance',
    id: 'shells',
    title: 'Only those who need a shell get one, and accounts for tunnels get a tunnel',
    category: 'Guidance',
    directive: '2 (never grant blanket shell access)',
    why: 'A shell where a tunnel or one command would do is a place to stand: to read files, to look around, to go on from. A tunnel to anywhere goes around every firewall before this host.',
    fix: 'Give machines a ForceCommand or command=, and tunnel accounts the shell /usr/sbin/nologin, ForceCommand /usr/sbin/nologin, PermitOpen host:port, PermitListen none, AllowStreamLocalForwarding no and PermitTTY no in a Match block.',
    looksAt: [
      'every account that a key or a principal opens, its login shell, ForceCommand and command= on the line',
      'whom the inventory names for people and for machines, and shell_accounts and tunnel_accounts of the policy',
      'accounts without a shell and lines with permitopen= or permitlisten=: they are for tunnels',
      'for those: shells, internal-sftp (which needs no shell), AllowTcpForwarding, PermitOpen, PermitListen, AllowStreamLocalForwarding, PermitTunnel',
      'the certificates the CA’s log shows for principals of machines: whether they force a command',
    ],
    limits: [
      'Emergency keys of the policy, and the account root where PermitRootLogin is no.',
      'Accounts that only a password opens, or a certificate for the account’s own name: Password Auth and Principals Config judge those.',
      'What the command that is forced lets its caller do.',
    ],
    severity: 'medium',
    needs: { host: ['sshd', 'accounts', 'authorizedKeys', 'principalsFiles'], fleet: ['certificateLog'] },
    controls: {
      'NIST 800-53 r5': ['AC-6', 'AC-17', 'CM-7'],
      'ISO 27001:2022': ['A.5.15', 'A.8.2', 'A.8.20'],
      'CIS Controls v8': ['4.8', '6.8'],
      'SOC 2': ['CC6.3'],
    },
  },
  evaluate({ host, fleet, expected, policy, now }) {
    const accounts = valueOr(host.accounts, []);
    const principalsFiles = valueOr(host.principalsFiles, []);
    const files = { authorizedKeys: valueOr(host.authorizedKeys, []), principalsFiles };
    const { entries } = entriesOf(files, { host: expected.host, policy, now });
    const { administrators, machines } = peopleOf(expected, accounts, principalsFiles);
    const cases = host.sshd.ok ? host.sshd.value.cases : [];
    const told = { tunnels: 0, people: 0, machines: 0 };
    const verdicts = accounts.flatMap((account): Verdict[] => {
      const own = entries.get(account.name) ?? [];
      const reached = casesOf(cases, account);
      const doors = reached.flatMap((one) => own.map((entry) => ({ one, entry })));
      if (doors.length === 0) return [];
      if (isTunnel(account, own, policy)) {
        told.tunnels += 1;
        return [tunnelVerdict(account, doors)];
      }
      if (!hasShell(account)) return [];
      const needed = administrators.has(account.name) || matches(policy.guidance.shellAccounts, account.name);
      if (needed) {
        told.people += 1;
        return [FINE];
      }
      const free = doors.find(({ one, entry }) => forcedBy(one, entry) === null);
      if (machines.has(account.name)) told.machines += 1;
      if (!free) return [FINE];
      if (machines.has(account.name))
        return doors.map((door) => machineVerdict(account, door, fleet.certificateLog));
      return [expected.unlisted ? unlisted(account) : strangerVerdict(account, free)];
    });
    return judge({
      findings: distinctFindings(verdicts.flatMap(({ findings }) => findings)),
      missing: distinct([
        ...missingFrom(host.sshd, host.accounts, host.authorizedKeys, host.principalsFiles),
        ...verdicts.flatMap(({ missing }) => missing),
      ]),
      because: `of ${entries.size} accounts that keys or principals open, ${told.people} need a shell and have it; ${told.machines} of machines are held to a command, and ${told.tunnels} for tunnels to a tunnel.`,
      evidence: [...entries.values()].flat().slice(0, 10).map(lineOf),
    });
  },
};

/** The policy says so, it has no shell though it can be entered, or every line limits what it may forward to. */
function isTunnel(account: Account, own: readonly Entry[], { guidance }: Policy): boolean {
  if (matches(guidance.tunnelAccounts, account.name)) return true;
  if (!hasShell(account)) return true;
  return own.every(({ options }) =>
    options.some(({ name }) => name === 'permitopen' || name === 'permitlisten'),
  );
}

function distinctFindings(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [`${one.subject} ${one.message}`, one])).values()];
}

function matches(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => compileGlob(glob)(name));
}
