/** Parsers of what hosts print and of the files the collector brings from them. */
import { createHash } from 'node:crypto';
import { PROTOCOL } from '../../src/collector/compose.js';
import { readFrames } from '../../src/collector/frames.js';
import { PROBES } from '../../src/collector/probes.js';
import { explainRefusal } from '../../src/collector/refusals.js';
import { readAccessFacts } from '../../src/facts/access-facts.js';
import { readFacts } from '../../src/facts/index.js';
import { AGENTS, readAgent } from '../../src/facts/forwarders/agents.js';
import { readRsyslog } from '../../src/facts/forwarders/rsyslog.js';
import { readSyslogNg } from '../../src/facts/forwarders/syslog-ng.js';
import { parseAccepted } from '../../src/facts/login-log.js';
import { enumerateCases, parseConfig } from '../../src/facts/match-engine/index.js';
import { readScript } from '../../src/facts/script-programs.js';
import { calledPrograms } from '../../src/facts/shell-commands.js';
import { shellTokens } from '../../src/facts/shell-lexer.js';
import { sshCallsOf } from '../../src/facts/ssh-calls.js';
import { parseSshdT, parseSshdVersion } from '../../src/facts/sshd-t.js';
import { timeOf } from '../../src/facts/syslog-time.js';
import { evidenceWith, fixtures, filesIn, outputsOf, SOUND, texts } from './corpus.js';
import { promise, type Target } from './target.js';

const NONCE = '0123456789abcdef0123456789abcdef';

const text = (parse: (text: string) => unknown) => (bytes: Buffer) => void parse(bytes.toString('utf8'));

/** The frames of a recorded host. */
function framed(): Buffer {
  const body = PROBES.map(({ name, maxBytes }) => {
    const output = SOUND[name];
    const stdout = Buffer.from(output?.stdout ?? '', output?.stdoutEncoding ?? 'utf8').subarray(0, 2000);
    const lines = `r0\no${stdout.toString('base64')}\ne\n`;
    return `@@${NONCE} P ${name} ${maxBytes}\n${lines}h${createHash('sha256').update(lines).digest('hex')}\n`;
  });
  return Buffer.from(
    `motd\n@@${NONCE} S ${PROTOCOL} 0 1795000000 sh\n${body.join('')}@@${NONCE} E ${PROBES.length}\n`,
  );
}

const frames: Target = {
  name: 'collector frames',
  seeds: [framed(), Buffer.from(framed().toString().replaceAll(/^h.*$/gm, 'h-'))],
  words: [`@@${NONCE} S 1 `, `@@${NONCE} P system 9\n`, `@@${NONCE} E 2\n`, 'h-\n', 'r0\n', 'oAAAA\n', 'e\n'],
  share: 0.3,
  run: (bytes) => {
    const { probes, failure } = readFrames(bytes, NONCE, PROBES);
    for (const [name, output] of Object.entries(probes)) {
      const most = PROBES.find((probe) => probe.name === name)?.maxBytes ?? 0;
      promise(Buffer.byteLength(output.stdout, output.stdoutEncoding) <= most, `${name} is within its limit`);
      // A wrong byte may become a replacement character of three.
      promise(
        Buffer.byteLength(output.stderr) <= 3 * 4096,
        `the complaints of ${name} are within their limit`,
      );
    }
    promise(failure !== undefined || Object.keys(probes).length > 0, 'no answer is not a good answer');
  },
};

/** A fact read with one probe's output changed: it is a reading or says why not, but never a defect of ours. */
function factsWith(name: string): Target {
  return {
    name: `facts of the probe ${name}`,
    seeds: outputsOf(name),
    words: [
      'F',
      'D',
      'S',
      'U',
      'G',
      'E',
      '=AAAA',
      'ok',
      'missing',
      'denied',
      'cut',
      '81a4',
      '-\n',
      'A root 0 0 /root',
    ],
    share: 0.1,
    run: (bytes) => {
      const evidence = evidenceWith(name, bytes);
      const wanted = PROBES.find((probe) => probe.name === name)?.facts ?? [];
      const facts = readFacts(evidence, { wrappers: ['/usr/local/bin/atm-wrapper.sh'] });
      // Probes without facts of their own are the access report's.
      const read =
        wanted.length > 0 ? wanted.map((fact) => facts[fact]) : Object.values(readAccessFacts(evidence));
      for (const reading of read)
        promise(
          reading.ok || !reading.detail.startsWith('internal error'),
          `what ${name} says is read: ${reading.ok ? '' : reading.detail}`,
        );
    },
  };
}

const SSHD_WORDS = [
  'Match',
  'User',
  'Group',
  'Address',
  'LocalPort',
  'all',
  'Include',
  'AuthorizedKeysFile',
  '%h/%u',
  'none',
  'PermitRootLogin',
  'PasswordAuthentication',
  'yes',
  'no',
  'TrustedUserCAKeys',
  '\nMatch',
  '10.0.0.0/8',
  '::1/129',
];

const config: Target = {
  name: 'sshd_config and the match engine',
  seeds: [
    ...texts(
      'Port 22\nPermitRootLogin no\nMatch User a*,!ab Address 10.0.0.0/8,!10.1.0.0/16\n PasswordAuthentication yes\nMatch all\n',
      'Include /etc/ssh/sshd_config.d/*.conf\nMatch Group "wheel admins" LocalPort 22\n\tAuthorizedKeysFile "%h/a b" .ssh/x\n',
      'Match LocalAddress ::1 RDomain x\nAuthenticationMethods publickey,password publickey\nMatch Invalid-User\nBanner none\n',
    ),
    ...filesIn('sshd'),
  ],
  words: SSHD_WORDS,
  share: 0.2,
  run: (bytes) => {
    const whole = bytes.toString('utf8');
    const parsed = parseConfig({
      mainPath: '/etc/ssh/sshd_config',
      files: new Map([
        ['/etc/ssh/sshd_config', whole],
        ['/etc/ssh/sshd_config.d/a.conf', whole],
      ]),
      version: parseSshdVersion('OpenSSH_9.2p1'),
      accounts: [],
    });
    enumerateCases(parsed, []);
  },
};

export const HOST_TARGETS: readonly Target[] = [
  frames,
  config,
  {
    name: 'sudo and login-shell complaints',
    seeds: texts('sudo: a password is required\n', 'This account is currently not available.\n'),
    words: ['sudo:', 'sorry', 'tty', 'not found', 'nologin'],
    run: (bytes) => void explainRefusal(bytes, bytes, 1),
  },
  {
    name: 'sshd -T',
    seeds: fixtures('sshd-t', /\.txt$/),
    words: ['port', 'subsystem', 'authorizedkeysfile'],
    run: text(parseSshdT),
  },
  {
    name: 'sshd version',
    seeds: texts('OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15'),
    words: ['OpenSSH_', 'OpenSSH_for_Windows_', 'p1'],
    run: text(parseSshdVersion),
  },
  {
    name: 'logins in text logs',
    seeds: fixtures('logging', /^syslog.*\.txt$/),
    words: [
      'Accepted',
      'publickey',
      'for',
      'from',
      'port',
      'ssh2:',
      'ID',
      '(serial',
      'CA',
      'ED25519-CERT',
      'SHA256:',
    ],
    share: 0.3,
    run: text((whole) => {
      for (const line of whole.split('\n')) {
        parseAccepted(line.replace(/^.*?sshd[^:]*: /, ''));
        timeOf(line, 1_795_000_000);
      }
    }),
  },
  {
    name: 'shell: lexer, commands, called programs',
    seeds: [
      ...filesIn('wrappers'),
      ...texts('0 3 * * * root sh -c "ssh -i /k h \'a b\'" | tee >(cat) <<E\nx\nE\n'),
    ],
    words: [
      'if',
      'then',
      'fi',
      'case',
      'esac',
      'in',
      ';;',
      'do',
      'done',
      'ssh',
      'eval',
      'exec',
      'sudo',
      '-c',
      '&&',
      '<<-',
      '$((',
      '${x:-',
      '>(',
    ],
    share: 0.2,
    run: text((whole) => {
      shellTokens(whole);
      sshCallsOf(calledPrograms(whole));
    }),
  },
  ...['python3', 'perl', 'ruby', 'node', 'php', 'expect'].map((language): Target => ({
    name: `scripts in ${language}`,
    seeds: [
      ...fixtures('actors', /\.py$/),
      ...texts('import subprocess\nsubprocess.run(["ssh", "-i", k, "h"])\n'),
    ],
    words: [
      'subprocess',
      'os.system(',
      'system(',
      'exec(',
      'spawn',
      'paramiko',
      '"""',
      "'''",
      '//',
      '/*',
      '*/',
      'r"',
      'f"{',
      '`',
      '%w(',
    ],
    share: 0.05,
    run: text((whole) => readScript(`#!/usr/bin/env ${language}\n${whole}`, '/usr/local/bin/x')),
  })),
  {
    name: 'rsyslog configuration',
    seeds: [
      ...texts(
        'module(load="imuxsock")\nauth,authpriv.* @@siem:514\n:msg, contains, "x" stop\nif $programname == "sshd" then { action(type="omfwd" target="s" port="1") }\n',
        '$ModLoad imjournal\n$IncludeConfig /etc/rsyslog.d/*.conf\nruleset(name="r") { *.* action(type="omrelp" target="x") }\n& ~\n',
      ),
      ...filesIn('logging'),
    ],
    words: [
      'module(',
      'input(',
      'action(',
      'ruleset(',
      'if',
      'then',
      'else',
      '$msg',
      'contains',
      'and',
      'not',
      'stop',
      '@@',
      '*.*',
      'template(',
      'foreach',
      'set $.x =',
    ],
    share: 0.1,
    run: text((whole) =>
      readRsyslog(
        '/etc/rsyslog.conf',
        { text: () => whole, included: () => ['/etc/rsyslog.d/a.conf'] },
        true,
        () => true,
      ),
    ),
  },
  {
    name: 'syslog-ng configuration',
    seeds: texts(
      'source s { system(); internal(); };\ndestination d { network("siem" port(514)); };\nlog { source(s); destination(d); };\n',
    ),
    words: ['source', 'destination', 'log', 'filter', '{', '};', 'network(', 'system();'],
    share: 0.2,
    run: text((whole) => readSyslogNg([{ path: '/etc/syslog-ng/syslog-ng.conf', text: whole }])),
  },
  {
    name: 'other log forwarders',
    seeds: texts(
      '[OUTPUT]\n  Name es\n  Host siem\n',
      'output.elasticsearch:\n  hosts: ["siem:9200"]\n',
      '{"logs":{"log_group_name":"x"}}',
    ),
    words: ['[OUTPUT]', 'hosts:', 'Host', 'url', 'journald', 'include_matches'],
    share: 0.1,
    run: text((whole) => {
      for (const name of Object.keys(AGENTS)) readAgent(name, [{ path: '/etc/x.conf', text: whole }]);
    }),
  },
  ...PROBES.map(({ name }) => factsWith(name)),
];
