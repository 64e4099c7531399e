import type { Deviation } from '../types.js';

const SAME = (path: string): string =>
  `ssh-keygen -y -P "" -f ${path} | cut -d" " -f2 | grep -qF "$(cut -d" " -f2 /etc/ssh/ca/ca_user.pub)"`;

export const caSecurity: readonly Deviation[] = [
  {
    id: 'ca-key-of-root',
    check: 'ca-security',
    title: "the CA's private key in root's home",
    apply: 'install -m 600 "$LAB/ca_user" /root/ca_user',
    expect: 'fail',
    why: 'whoever is root on this host signs for every host',
    proof: SAME('/root/ca_user'),
  },
  {
    id: 'ca-key-beside-public-key',
    check: 'ca-security',
    title: "the CA's private key beside the public one",
    apply: 'install -m 600 "$LAB/ca_user" /etc/ssh/ca/ca_user',
    expect: 'fail',
    why: 'both halves were copied',
    proof: SAME('/etc/ssh/ca/ca_user'),
  },
  {
    id: 'ca-key-in-admins-backup',
    check: 'ca-security',
    title: "the CA's private key in an administrator's folder, under another name",
    apply:
      'install -d -o ops /home/ops/backup; install -m 600 -o ops "$LAB/ca_user" /home/ops/backup/vault.old',
    expect: 'fail',
    why: 'its public half tells, whatever it is called',
    proof: SAME('/home/ops/backup/vault.old'),
  },
  {
    id: 'ca-key-encrypted',
    check: 'ca-security',
    title: "the CA's private key with a passphrase",
    apply:
      'install -m 600 "$LAB/ca_user" /root/.ssh_ca; ssh-keygen -q -p -P "" -N "lab passphrase" -f /root/.ssh_ca',
    expect: 'fail',
    why: 'a passphrase is one pair of eyes; the public half is readable all the same',
    proof: '! ssh-keygen -y -P "" -f /root/.ssh_ca',
  },
  {
    id: 'ca-key-in-opt',
    check: 'ca-security',
    title: "the CA's private key in an old tool's folder",
    apply: 'install -d /opt/signer/etc; install -m 600 "$LAB/ca_user" /opt/signer/etc/key',
    expect: 'fail',
    why: 'the tool is gone and the key is not',
    proof: SAME('/opt/signer/etc/key'),
  },
  {
    id: 'ca-key-of-agent',
    check: 'ca-security',
    title: "the CA's private key in an agent's home",
    apply: 'place agent ca_user id_ed25519',
    expect: 'fail',
    also: { 'actor-wrapper': 'fail' },
    why: 'an agent signs its own certificates',
  },

  // Sound: must pass.
  {
    id: 'ca-public-copies',
    check: 'ca-security',
    title: "copies of the CA's public key",
    apply:
      'install -m 644 "$LAB/ca_user.pub" /root/ca_user.pub; install -m 644 "$LAB/ca_user.pub" /home/ops/ca_user',
    expect: 'pass',
    why: 'it is public',
  },
  {
    id: 'ca-other-private-key',
    check: 'ca-security',
    title: "a private key that is not the CA's",
    apply: 'install -d -m 700 /root/.ssh; install -m 600 "$LAB/pem-encrypted" /root/.ssh/id_git',
    expect: 'pass',
    also: { 'actor-wrapper': 'any' },
    why: 'it signs nothing for anybody',
  },
];
