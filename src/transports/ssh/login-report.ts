/** Follows one login, and says afterwards what was offered and why it may have been refused. */
import type { GatherFailure } from '../../model.js';
import { AgentError } from './agent.js';
import { agentTrouble } from './identities.js';
import { beyondSsh2 } from './beyond.js';
import { failure } from './failure.js';
import type { Identity } from './identity.js';
import type { LoginWatch } from './private-seam.js';

export interface LoginReport extends LoginWatch {
  /** Label of the identity offered last. */
  current(): string | undefined;
  /** True once the server said no at least once. */
  wasRefused(): boolean;
  /** The failure to report. `said` is the server's own last word, if it had one. */
  refusal(endpoint: string, skipped: readonly GatherFailure[], said?: string): GatherFailure;
}

export function createLoginReport(): LoginReport {
  const offered: Identity[] = [];
  const unsigned = new Map<Identity, unknown>();
  let refusals = 0;
  let methods: readonly string[] = [];
  let partial: string | undefined;
  return {
    offered: (identity) => {
      if (!offered.includes(identity)) offered.push(identity);
    },
    notSigned: (identity, error) => {
      unsigned.set(identity, error);
    },
    refused: (left, wasPartial) => {
      refusals += 1;
      methods = left.slice(0, 10).map((method) => method.slice(0, 60));
      if (wasPartial) partial = offered.at(-1)?.label;
    },
    current: () => offered.at(-1)?.label,
    wasRefused: () => refusals > 0,
    refusal: (endpoint, skipped, said) => {
      const sent = offered.filter((identity) => !unsigned.has(identity));
      const troubles = [...unsigned.values()];
      // A lost agent is the reason, also when the server then refused what could still be asked about.
      const trouble =
        troubles.find((error) => error instanceof AgentError && error.kind === 'unavailable') ??
        (sent.length === 0 ? troubles[0] : undefined);
      if (trouble !== undefined) return agentTrouble(trouble);
      const labels = [...new Set(sent.map((identity) => identity.label))];
      const parts = [
        partial === undefined
          ? `${endpoint} refused ${labels.length === 0 ? 'the login' : `what was offered: ${labels.join('; ')}`}`
          : `${endpoint} accepted ${partial}, and then wants more than that: ${methods.join(', ')}`,
        ...(said === undefined ? [] : [`it said: ${said}`]),
        ...(methods.length === 0 || partial !== undefined ? [] : [`it takes: ${methods.join(', ')}`]),
        ...troubles.map((error) => `not offered: ${agentTrouble(error).detail}`),
        ...skipped.map((one) => `not offered: ${one.detail}`),
      ];
      return failure(
        'login-refused',
        'login',
        parts.join('. '),
        hintFor(sent, methods, partial !== undefined, said),
      );
    },
  };
}

function hintFor(
  sent: readonly Identity[],
  methods: readonly string[],
  partial: boolean,
  said: string | undefined,
): string {
  if (partial)
    return 'AuthenticationMethods on this host asks for a second factor; give the auditor’s account a Match block with publickey alone.';
  if (methods.some((method) => method.startsWith('gssapi-')) && !methods.includes('publickey'))
    return beyondSsh2('The host takes Kerberos (GSSAPI) instead of public keys, which ssh2 lacks');
  if (methods.length > 0 && !methods.includes('publickey'))
    return 'Public keys are not accepted for this account (PubkeyAuthentication, AuthenticationMethods).';
  if (said !== undefined && /too many/i.test(said))
    return 'More identities were offered than MaxAuthTries allows: name the one to use with --identity.';
  const certificate = sent.find((identity) => identity.certificate)?.certificate;
  if (!certificate)
    return 'Is the key in the account’s authorized_keys, and may the account log in from here (AllowUsers, from=)?';
  const principals = certificate.principals.map((one) => JSON.stringify(one)).join(', ') || 'none';
  return (
    `Likely causes: none of the certificate’s principals (${principals}) is in the account’s AuthorizedPrincipalsFile; its CA ${certificate.caFingerprint} ` +
    'is not in TrustedUserCAKeys; the certificate is revoked, or bound to another source address. The host’s sshd log says which.'
  );
}
