/**
 * What became of a command on one host. Source: Systems Manager user guide, "Understanding command statuses", and
 * CommandInvocation in the API reference: `Status` is coarse, `StatusDetails` tells the reasons apart.
 */
import type { GatherFailure } from '../../model.js';
import { failure } from '../ssh/failure.js';

/** `Status` and `StatusDetails` of an invocation, as AWS gave them. */
export interface Standing {
  readonly status: string;
  readonly details: string;
}

export type Reading =
  | { readonly kind: 'waiting'; readonly started: boolean }
  /** It ran to an end: its output decides. */
  | { readonly kind: 'ran' }
  | { readonly kind: 'over'; readonly failure: GatherFailure };

/** Case and blanks differ between the two API calls: `Delivery Timed Out`, `DeliveryTimedOut`. */
export function readStatus({ status, details }: Standing): Reading {
  const key = (details === '' ? status : details).replaceAll(/[\s_-]/g, '').toLowerCase();
  const over = OVER[key];
  if (over !== undefined) return { kind: 'over', failure: over() };
  if (key === 'pending' || key === 'delayed') return { kind: 'waiting', started: false };
  if (key === 'inprogress' || key === 'cancelling') return { kind: 'waiting', started: true };
  if (key === 'success' || key === 'failed') return { kind: 'ran' };
  // A status that is not known yet: what `Status` says in its stead, or waiting until time is up.
  return details === '' || details === status
    ? { kind: 'waiting', started: false }
    : readStatus({ status, details: '' });
}

const OVER: Readonly<Record<string, () => GatherFailure>> = {
  deliverytimedout: () =>
    failure(
      'ssm-delivery-timeout',
      'exec',
      'the agent did not fetch the command in time (Delivery Timed Out)',
      'Is the instance running and its SSM agent online? See --first-byte-timeout.',
    ),
  undeliverable: () =>
    failure(
      'ssm-undeliverable',
      'exec',
      'the command cannot be delivered: the instance does not exist or does not answer (Undeliverable)',
      'Is the instance still there, and registered with Systems Manager in this region?',
    ),
  executiontimedout: () => executionTimedOut(),
  timedout: () => executionTimedOut(),
  terminated: () =>
    failure(
      'ssm-terminated',
      'exec',
      'AWS ended the command before this instance was reached (Terminated)',
      'Another setting of the account limits errors; run this host again.',
    ),
  invalidplatform: () =>
    failure(
      'ssm-invalid-platform',
      'exec',
      'the instance cannot run AWS-RunShellScript (Invalid Platform)',
      'Only Linux and macOS can be audited.',
    ),
  accessdenied: () =>
    failure(
      'aws-denied',
      'exec',
      'AWS did not let this command run on the instance (Access Denied)',
      'Allow the auditor’s role ssm:SendCommand on this instance (docs/ssm.md).',
    ),
  rateexceeded: () =>
    failure(
      'aws-throttled',
      'exec',
      'the account has too many pending commands (Rate Exceeded)',
      'Lower --concurrency, or ask AWS for a higher quota.',
    ),
  cancelled: () => failure('ssm-cancelled', 'run', 'somebody else cancelled the command (Cancelled)'),
};

function executionTimedOut(): GatherFailure {
  return failure(
    'ssm-execution-timeout',
    'run',
    'the collector did not end in time, and the agent stopped it (Execution Timed Out)',
    'A hung NFS or NSS on the host; see --timeout.',
  );
}
