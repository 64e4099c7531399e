/** Parsers of OpenSSH's own formats: keys, certificates, lists of them. */
import { parseAuthorizedKeys } from '../../src/openssh/authorized-keys.js';
import { parseCaKeys } from '../../src/openssh/ca-keys.js';
import {
  parseCertificateLine,
  tryParseCertificate,
  verifyCertificate,
} from '../../src/openssh/certificate.js';
import { createKexInitReader } from '../../src/openssh/kexinit.js';
import { parseRevokedKeys } from '../../src/openssh/krl.js';
import { parsePrincipals } from '../../src/openssh/principals.js';
import { classifyPrivateKey } from '../../src/openssh/private-key.js';
import { parseKnownHosts } from '../../src/transports/ssh/known-hosts.js';
import { fixtures, texts } from './corpus.js';
import { promise, type Target } from './target.js';

const text = (parse: (text: string) => unknown) => (bytes: Buffer) => void parse(bytes.toString('utf8'));

const PUBLIC = [...fixtures('openssh/certs', /\.pub$/)];
const KEY_WORDS = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'AAAAC3NzaC1lZDI1NTE5AAAA',
  'sk-ssh-ed25519@openssh.com',
];
/** The binary inside each line. */
const BLOBS = PUBLIC.map((line) => Buffer.from(line.toString().split(' ')[1] ?? '', 'base64'));

export const KEY_TARGETS: readonly Target[] = [
  {
    name: 'authorized_keys',
    seeds: [
      ...PUBLIC,
      ...fixtures('openssh/certs', /mixed$/),
      ...texts(
        'command="a \\"b\\"",no-pty,from="10.0.0.0/8,!x",cert-authority,principals="a,b" ssh-ed25519 AAAAC3Nz x\n',
      ),
    ],
    words: [
      ...KEY_WORDS,
      'cert-authority',
      'principals="',
      'from="',
      'expiry-time="20270101"',
      'restrict,',
      'environment="A=b"',
    ],
    run: text(parseAuthorizedKeys),
  },
  {
    name: 'principals files',
    seeds: texts('adm-full\nfrom="10.0.0.0/8" agt-x # c\n\n# note\ncert-authority adm\n'),
    words: ['adm-', 'agt-', 'from="', 'command="', '*'],
    run: text(parsePrincipals),
  },
  {
    name: 'SSH_MSG_KEXINIT',
    seeds: fixtures('openssh/kexinit', /\.bin$/),
    words: [
      'SSH-2.0-x\r\n',
      '\0\0\0\x0c\x04\x02',
      '\x14',
      'curve25519-sha256',
      'kex-strict-s-v00@openssh.com',
    ],
    run: (bytes) => {
      const reader = createKexInitReader();
      if (!reader.push(bytes)) return promise(bytes.length < 64 * 1024, 'it waits for no more than 64 KiB');
      const outcome = reader.outcome();
      promise(outcome !== undefined, 'an offer or a problem');
      const lists =
        outcome && 'kexInit' in outcome ? Object.values<string>({ ...outcome.kexInit }).join('') : '';
      promise(lists.length <= bytes.length, 'nothing is in the lists that was not sent');
    },
  },
  { name: 'CA keys', seeds: PUBLIC, words: KEY_WORDS, run: text(parseCaKeys) },
  {
    name: 'known_hosts',
    seeds: [...PUBLIC, ...texts('|1|AAAA|BBBB ssh-ed25519 AAAA\n@revoked *.x,!y [h]:22 ssh-rsa AAAA\n')],
    words: [...KEY_WORDS, '@cert-authority', '@revoked', '|1|', '[h]:22'],
    run: text((whole) => parseKnownHosts(whole, '/k')),
  },
  { name: 'certificate lines', seeds: PUBLIC, words: KEY_WORDS, run: text(parseCertificateLine) },
  {
    name: 'certificates',
    seeds: BLOBS,
    words: [
      '\0\0\0\u0004',
      '\u00ff\u00ff\u00ff\u00ff',
      'permit-pty',
      'force-command',
      'ssh-rsa-cert-v01@openssh.com',
    ],
    share: 0.3,
    run: (bytes) => {
      const parsed = tryParseCertificate(bytes);
      if (!('problem' in parsed))
        promise(typeof verifyCertificate(parsed) === 'boolean', 'a signature is good or not');
    },
  },
  {
    name: 'KRLs and lists of revoked keys',
    seeds: [...fixtures('openssh/certs', /krl$/), ...PUBLIC],
    words: ['SSHKRL\n\0', '\0\0\0\u0001', ...KEY_WORDS],
    run: (bytes) => void parseRevokedKeys(bytes),
  },
  {
    name: 'private key headers',
    seeds: texts(
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQ==\n',
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n',
      'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n',
      '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n',
    ),
    words: [
      '-----BEGIN ',
      ' PRIVATE KEY-----\n',
      'openssh-key-v1\0',
      '0\u0082',
      '0\u0084\u00ff\u00ff\u00ff\u00ff',
      'Proc-Type: 4,ENCRYPTED',
    ],
    run: (bytes) => void classifyPrivateKey(bytes),
  },
];
