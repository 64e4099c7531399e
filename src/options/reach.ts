/** How a host is reached and who logs in. Secrets are never flags. */
import type { OptionTable } from './spec.js';

export const REACH = {
  user: {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'l',
    value: 'NAME',
    otherwise: "the inventory's, then ssh_config's, then yours",
    describe: 'login name; wins over inventory and ssh_config',
  },
  port: {
    kind: 'integer',
    group: 'How to reach hosts',
    alias: 'p',
    value: 'N',
    fallback: 0,
    min: 0,
    max: 65_535,
    otherwise: '0: theirs, else 22',
    describe: 'port; wins over inventory and ssh_config',
  },
  identity: {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'i',
    value: 'FILE',
    otherwise: "the agent's, ssh_config's, ~/.ssh/id_*",
    describe: 'private key file; FILE-cert.pub beside it is its certificate',
  },
  certificate: {
    kind: 'text',
    group: 'How to reach hosts',
    value: 'FILE',
    otherwise: 'FILE-cert.pub beside the identity',
    describe: 'certificate file for the identity',
  },
  jump: {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'J',
    value: 'HOST,…',
    otherwise: "the inventory's, then ssh_config's",
    describe: 'bastions, nearest first; wins over inventory and ssh_config',
  },
  'ssh-config': {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'F',
    value: 'FILE',
    otherwise: '~/.ssh/config and /etc/ssh/ssh_config',
    describe: 'ssh_config to honour; none: do not read any',
  },
  'known-hosts': {
    kind: 'list',
    group: 'How to reach hosts',
    value: 'FILE',
    fallback: [],
    otherwise: "ssh_config's, else ~/.ssh and /etc/ssh",
    describe: 'known_hosts files instead of the usual ones (repeatable)',
  },
  'no-agent': {
    kind: 'switch',
    group: 'How to reach hosts',
    fallback: false,
    describe: 'do not ask ssh-agent',
  },
} as const satisfies OptionTable;
