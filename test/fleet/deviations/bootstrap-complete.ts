import type { Deviation } from '../types.js';

const OPS = '/etc/ssh/auth_principals/ops';

export const bootstrapComplete: readonly Deviation[] = [
  {
    id: 'bootstrap-principal',
    check: 'bootstrap-complete',
    title: 'adm-bootstrap in a principals file',
    apply: `echo adm-bootstrap >>${OPS}`,
    expect: 'fail',
    also: { principals: 'fail' },
    why: 'the one certificate that was made by hand still opens the host',
  },
  {
    id: 'bootstrap-principal-in-disguise',
    check: 'bootstrap-complete',
    title: 'adm-bootstrap with options and a comment',
    apply: `echo '  restrict,from="127.0.0.0/8" adm-bootstrap # temp' >>${OPS}`,
    expect: 'fail',
    also: { principals: 'fail' },
    why: 'no line equals the name, and sshd reads it',
    matrix: ['10.1'],
  },
  {
    id: 'bootstrap-principal-of-agent',
    check: 'bootstrap-complete',
    title: "adm-bootstrap in an agent's file",
    apply: 'echo adm-bootstrap >>/etc/ssh/auth_principals/agent',
    expect: 'fail',
    also: { principals: 'fail' },
    why: 'any account counts',
  },
  {
    id: 'bootstrap-principal-for-nobody',
    check: 'bootstrap-complete',
    title: 'adm-bootstrap in the file of an account that is gone',
    apply:
      'echo adm-bootstrap >/etc/ssh/auth_principals/installer; chmod 644 /etc/ssh/auth_principals/installer',
    expect: 'fail',
    also: { principals: 'any' },
    why: 'the account only has to come back',
  },
  {
    id: 'bootstrap-in-ca-line',
    check: 'bootstrap-complete',
    title: 'adm-bootstrap on a cert-authority line',
    apply:
      'keyfiles; printf \'cert-authority,principals="adm-full,adm-bootstrap" %s\\n\' "$(cat "$LAB/ca_user.pub")" | authorize ops authorized_keys',
    expect: 'fail',
    also: { 'ca-trust': 'fail', 'no-static-keys': 'fail' },
    why: 'the line grants it without any principals file',
  },
  {
    id: 'bootstrap-account',
    check: 'bootstrap-complete',
    title: 'an account called adm-bootstrap',
    apply: 'account adm-bootstrap 1030 /home/adm-bootstrap /bin/bash',
    expect: 'fail',
    why: 'where no principals file is set, the account name is the principal',
  },
  {
    id: 'bootstrap-live-certificate',
    check: 'bootstrap-complete',
    title: 'a bootstrap certificate that is still valid',
    apply: 'place ops bootstrap-cert.pub id_ed25519-cert.pub 644',
    expect: 'fail',
    why: 'it works wherever the principal was forgotten',
  },
  {
    id: 'bootstrap-in-inventory',
    check: 'bootstrap-complete',
    title: 'the inventory itself still lists adm-bootstrap',
    apply: `echo adm-bootstrap >>${OPS}`,
    expect: 'fail',
    why: 'host and inventory agree, and both are behind',
    inventory: { adm: ['adm-full', 'adm-readonly', 'adm-bootstrap'] },
  },
  {
    id: 'bootstrap-login',
    check: 'bootstrap-complete',
    title: 'the bootstrap certificate was used, by its key ID',
    apply: `echo adm-bootstrap >>${OPS}`,
    expect: 'fail',
    also: { principals: 'fail' },
    why: 'it is in use',
    logins: [
      {
        account: 'ops',
        keyId: 'adm-bootstrap',
        principals: ['adm-bootstrap'],
        validity: '+47h',
        unlogged: true,
      },
    ],
  },

  // Sound: must pass.
  {
    id: 'bootstrap-commented-out',
    check: 'bootstrap-complete',
    title: 'adm-bootstrap in comments',
    apply: `printf '# adm-bootstrap\\nadm-full # was adm-bootstrap\\nadm-readonly\\n' >${OPS}`,
    expect: 'pass',
    why: 'what follows # is no principal',
  },
  {
    id: 'bootstrap-similar-name',
    check: 'bootstrap-complete',
    title: 'a principal that only contains the name',
    apply: `echo adm-bootstrap-review >>${OPS}`,
    expect: 'pass',
    why: 'principals are compared whole',
    inventory: { adm: ['adm-full', 'adm-readonly', 'adm-bootstrap-review'] },
  },
  {
    id: 'bootstrap-expired-certificate',
    check: 'bootstrap-complete',
    title: 'the bootstrap certificate lies about, expired',
    apply: 'place ops bootstrap-expired-cert.pub old-cert.pub 644',
    expect: 'pass',
    why: 'it opens nothing any more',
  },
];
