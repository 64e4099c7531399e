/** Hosts shared out to workers on other machines. */
import { HOUR, MINUTE, SECOND, type OptionTable } from './spec.js';

export const QUEUE = {
  queue: {
    kind: 'text',
    group: 'Many machines',
    flagOnly: true,
    value: 'URL',
    otherwise: 'none: hosts are asked from this machine',
    describe:
      'let workers ask the hosts, through Redis or Valkey: redis://[USER@]HOST[:PORT][/DB], or rediss:// for TLS; the password is in SSH_SCORECARD_QUEUE_PASSWORD or in the file SSH_SCORECARD_QUEUE_PASSWORD_FILE names',
  },
  'queue-folder': {
    kind: 'text',
    group: 'Many machines',
    flagOnly: true,
    value: 'DIR',
    otherwise: 'evidence comes back through the queue',
    describe: 'folder shared by all machines for evidence on its way back',
  },
  'queue-wait': {
    kind: 'duration',
    group: 'Many machines',
    value: 'TIME',
    fallback: 10 * MINUTE,
    min: SECOND,
    max: 24 * HOUR,
    describe: 'how long hosts wait while no worker of their environment is there',
  },
  'queue-lock': {
    kind: 'duration',
    group: 'Many machines',
    value: 'TIME',
    fallback: 30 * SECOND,
    min: SECOND,
    max: HOUR,
    describe: 'how long a worker may be silent before its hosts are given to another',
  },
} as const satisfies OptionTable;

/** Secrets and what belongs to them: environment only, neither flags nor settings. */
export const QUEUE_VARIABLES = {
  password: 'SSH_SCORECARD_QUEUE_PASSWORD',
  passwordFile: 'SSH_SCORECARD_QUEUE_PASSWORD_FILE',
  key: 'SSH_SCORECARD_QUEUE_KEY',
  keyFile: 'SSH_SCORECARD_QUEUE_KEY_FILE',
} as const;
