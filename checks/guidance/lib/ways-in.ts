/** What each way into an account asks of a person. */
import type { Account, SshdCase } from '../../../src/facts/types.js';
import type { Finding } from '../../../src/model.js';
import type { Missing } from '../../lib/law.js';
import { printed } from '../../lib/sshd.js';
import type { Entry } from './entries.js';
import { asksForTwo, factorsOfCertificate, factorsOfKey, passwordAlone } from './factors.js';
import { lineOf } from './words.js';

/** What is known of one way in. */
export type Way =
  | { readonly two: string }
  | { readonly finding: Finding }
  | { readonly missing: Missing }
  /** A certificate: the host asks for nothing more, so it is for the CA to ask. */
  | { readonly issued: Entry };

export function waysOf(account: Account, one: SshdCase, own: readonly Entry[]): Way[] {
  return [...own.map((entry) => entryWay(account, one, entry)), ...passwordWay(account, one)];
}

function entryWay({ name }: Account, one: SshdCase, entry: Entry): Way {
  if (asksForTwo(one))
    return { two: `AuthenticationMethods ${one.settings['authenticationmethods']?.[0] ?? ''}` };
  if (entry.kind === 'principal') {
    if (factorsOfCertificate(one) === 'two') return { two: 'FIDO keys with verify-required' };
    return { issued: entry };
  }
  const factors = entry.kind === 'ca' ? factorsOfCertificate(one) : factorsOfKey(one, entry);
  if (factors === 'two') return { two: 'FIDO keys with verify-required' };
  if (entry.kind === 'ca' || factors === 'maybe')
    return {
      missing: {
        reason: 'no-evidence',
        detail:
          entry.kind === 'ca'
            ? `${entry.path}:${entry.line} trusts a CA for ${name}, and what that asks for is not known`
            : `${entry.path}:${entry.line} takes a FIDO key for ${name} without verify-required: a touch is enough, and whether the device asks for a PIN is not known`,
      },
    };
  return {
    finding: {
      subject: `${entry.path}:${entry.line}`,
      message: `The key ${entry.what} alone opens the account ${name}: it is a file, and whoever copies it needs nothing else.`,
      evidence: [lineOf(entry), printed(one, 'authenticationmethods')],
      at: { path: entry.path, line: entry.line },
      remediation: `Replace it by a certificate, or by a FIDO key (ssh-keygen -t ed25519-sk -O verify-required) with verify-required on line ${entry.line}.`,
    },
  };
}

function passwordWay({ name, uid, password }: Account, one: SshdCase): Way[] {
  const alone = passwordAlone(one);
  if (alone === false || password === 'locked' || password === 'none') return [];
  // sshd takes a password for uid 0 only where PermitRootLogin is yes.
  if (uid === 0 && one.settings['permitrootlogin']?.[0]?.trim().toLowerCase() !== 'yes') return [];
  if (alone === true && (password === 'set' || password === 'empty'))
    return [
      {
        finding: {
          subject: `account ${name}`,
          message: `The password of ${name} alone opens the account: nothing else is asked for.`,
          evidence: [printed(one, 'passwordauthentication'), printed(one, 'authenticationmethods')],
          remediation: 'Set PasswordAuthentication no, or AuthenticationMethods publickey,password.',
        },
      },
    ];
  const detail =
    alone === true
      ? `a password alone would open ${name}, and whether it has one could not be read`
      : `keyboard-interactive alone opens ${name}, and what PAM asks for is not known`;
  return [{ missing: { reason: 'no-evidence', detail } }];
}
