/**
 * A real rsyslogd decides: each configuration runs, sshd's lines are sent to its socket, and what arrives at a
 * collector on the loopback is compared with what the parser says.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readRsyslog } from '../../src/facts/forwarders/rsyslog.js';
import { parseRsyslog } from '../../src/facts/forwarders/rsyslog-parse.js';
import { needs, title } from '../helpers/needs.js';

const LINE =
  'Accepted publickey for ops from 10.0.0.9 port 40000 ssh2: ED25519-CERT SHA256:XjTtRMa4Noh3zF11/vqSr4cxHXQRi5vTsG3gwA9GOJQ ID adm-bernd (serial 42) CA ED25519 SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
const KINDS = [
  ['auth', 'sshd'],
  ['authpriv', 'sshd'],
  ['local7', 'sshd'],
  ['auth', 'sshd-session'],
  ['local0', 'sshd'],
] as const;

/** TCP, UDP, DIR stand for the collector's ports and the folder of the run. `maybe`: the parser may say that it cannot tell. */
const TABLE: readonly {
  readonly name: string;
  readonly config: string;
  readonly includes?: Readonly<Record<string, string>>;
  readonly maybe?: true;
}[] = [
  { name: 'selector of two facilities', config: 'auth,authpriv.* @@127.0.0.1:TCP' },
  { name: 'everything over UDP', config: '*.* @127.0.0.1:UDP' },
  { name: 'everything but authpriv', config: '*.info;authpriv.none @@127.0.0.1:TCP' },
  { name: 'order inside a selector', config: 'authpriv.none;*.info @@127.0.0.1:TCP' },
  { name: 'warnings only', config: '*.warning @@127.0.0.1:TCP' },
  { name: 'exactly info', config: 'auth.=info @@127.0.0.1:TCP' },
  { name: 'exactly notice', config: 'auth.=notice @@127.0.0.1:TCP' },
  { name: 'not info and above', config: '*.*;auth.!info @@127.0.0.1:TCP' },
  { name: 'all but exactly info', config: '*.*;auth.!=info @@127.0.0.1:TCP' },
  { name: 'numbers', config: '4.6 @@127.0.0.1:TCP' },
  { name: 'security is auth', config: 'security.* @@127.0.0.1:TCP' },
  { name: 'unknown facility', config: 'nonsense.* @@127.0.0.1:TCP', maybe: true },
  { name: 'commented out', config: '#auth,authpriv.* @@127.0.0.1:TCP\n*.* DIR/other' },
  { name: 'stop before', config: ':programname, isequal, "sshd" stop\n*.* @@127.0.0.1:TCP' },
  { name: 'tilde before', config: ':programname, startswith, "sshd" ~\n*.* @@127.0.0.1:TCP' },
  { name: 'stop after', config: '*.* @@127.0.0.1:TCP\n:programname, isequal, "sshd" stop' },
  { name: 'ampersand stop', config: 'auth.* DIR/auth\n& stop\n*.* @@127.0.0.1:TCP' },
  { name: 'ampersand forward', config: 'authpriv.* DIR/auth\n& @@127.0.0.1:TCP\nauth.* DIR/auth' },
  { name: 'negated property', config: ':programname, !isequal, "sshd" stop\n*.* @@127.0.0.1:TCP' },
  { name: 'message filter that fits', config: ':msg, contains, "Accepted publickey" @@127.0.0.1:TCP' },
  {
    name: 'message filter that does not',
    config: ':msg, contains, "session opened" stop\n*.* @@127.0.0.1:TCP',
  },
  { name: 'message start with its blank', config: ':msg, startswith, " Accepted" @@127.0.0.1:TCP' },
  { name: 'message start without', config: ':msg, startswith, "Accepted" @@127.0.0.1:TCP' },
  {
    name: 'message filter on a name',
    config: ':msg, contains, "10.0.0.9" stop\n*.* @@127.0.0.1:TCP',
    maybe: true,
  },
  { name: 'regular expression', config: ':programname, regex, "^sshd$" @@127.0.0.1:TCP' },
  {
    name: 'if and action',
    config:
      'if $programname == "sshd" then {\n  action(type="omfwd" target="127.0.0.1" port="TCP" protocol="tcp")\n}',
  },
  {
    name: 'if with list',
    config:
      'if $programname == [\'sshd\', \'sshd-session\'] then action(type="omfwd" target="127.0.0.1" port="TCP" protocol="tcp")',
  },
  {
    name: 'if or',
    config:
      'if ($syslogfacility-text == "auth" or $syslogfacility-text == "authpriv") and $syslogseverity <= 6 then @@127.0.0.1:TCP',
  },
  { name: 'if numeric facility', config: 'if $syslogfacility == 4 then @@127.0.0.1:TCP\nelse stop' },
  {
    name: 'if else',
    config: 'if not ($programname startswith "sshd") then {\n  *.* DIR/x\n} else {\n  *.* @@127.0.0.1:TCP\n}',
  },
  {
    name: 'if contains stop',
    config: 'if $programname == "sshd" and $msg contains "Connection closed" then stop\n*.* @@127.0.0.1:TCP',
  },
  { name: 'prifilt', config: 'if prifilt("auth,authpriv.*") then @@127.0.0.1:TCP' },
  { name: 're_match', config: 'if re_match($programname, "^sshd") then @@127.0.0.1:TCP' },
  {
    name: 'ruleset that is called',
    config:
      'ruleset(name="siem") {\n  auth.* action(type="omfwd" target="127.0.0.1" port="TCP" protocol="tcp")\n}\nauthpriv.* call siem\nauth.* call siem',
  },
  {
    name: 'ruleset that nobody calls',
    config: 'ruleset(name="siem") {\n  *.* @@127.0.0.1:TCP\n}\n*.* DIR/other',
  },
  {
    name: 'stop inside a called ruleset',
    config: 'ruleset(name="drop") {\n  auth.* stop\n}\ncall drop\n*.* @@127.0.0.1:TCP',
  },
  {
    name: 'stop inside a ruleset with a queue',
    config:
      'ruleset(name="drop" queue.type="LinkedList") {\n  auth.* stop\n}\ncall drop\n*.* @@127.0.0.1:TCP',
  },
  {
    name: 'old ruleset directive',
    config: '$RuleSet remote\n*.* @@127.0.0.1:TCP\n$RuleSet RSYSLOG_DefaultRuleset\nauth.* DIR/other',
  },
  {
    name: 'include',
    config: '$IncludeConfig DIR/inc/*.conf\nauth.* stop',
    includes: { 'a.conf': 'local7.* stop\n', 'b.conf': '*.* @@127.0.0.1:TCP\n' },
  },
  {
    name: 'include after a stop',
    config: 'auth.* stop\ninclude(file="DIR/inc/*.conf")',
    includes: { 'b.conf': '*.* @@127.0.0.1:TCP\n' },
  },
  {
    name: 'template and parameters over lines',
    config:
      'template(name="t" type="list") {\n  property(name="msg")\n  constant(value="\\n") # end }\n}\n*.* action(type="omfwd" # here\n  target="127.0.0.1"\n  port="TCP" protocol="tcp" template="RSYSLOG_TraditionalForwardFormat")',
  },
  {
    name: 'block under a selector',
    config: 'auth,authpriv.* {\n  action(type="omfile" file="DIR/a")\n  @@127.0.0.1:TCP\n  stop\n}',
  },
  { name: 'set and variables', config: 'set $.x = "1";\nif $.x == "1" then @@127.0.0.1:TCP', maybe: true },
  {
    name: 'failover only',
    config:
      '*.* DIR/other\n$ActionExecOnlyWhenPreviousIsSuspended on\n& @@127.0.0.1:TCP\n$ActionExecOnlyWhenPreviousIsSuspended off',
    maybe: true,
  },
  { name: 'from this host', config: 'if $fromhost-ip == "127.0.0.1" then @@127.0.0.1:TCP' },
  {
    name: 'input with a ruleset of its own',
    config:
      'input(type="imuxsock" Socket="DIR/second" ruleset="other")\nruleset(name="other") { *.* @@127.0.0.1:TCP }\n*.* DIR/main',
    maybe: true,
  },
];

const needRsyslog = needs.program('rsyslogd', 'rsyslog') ?? needs.program('logger', 'bsdutils');
const root = mkdtempSync(join(tmpdir(), 'ssh-scorecard-rsyslog-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Row = (typeof TABLE)[number];

/** Which kinds of line arrive. */
async function real({ config, includes = {} }: Row, dir: string): Promise<boolean[]> {
  let got = '';
  const open = new Set<unknown>();
  const tcp = createServer((socket) => {
    open.add(socket);
    socket
      .on('data', (data) => (got += data.toString()))
      .on('error', () => undefined)
      .on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', () => resolve()));
  const udp = createSocket('udp4', (data) => (got += data.toString()));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', () => resolve()));
  const address = tcp.address();
  const text = config
    .replaceAll('TCP', String(typeof address === 'object' && address ? address.port : 0))
    .replaceAll('UDP', String(udp.address().port))
    .replaceAll('DIR', dir);
  mkdirSync(join(dir, 'inc'), { recursive: true });
  for (const [name, content] of Object.entries(includes))
    writeFileSync(
      join(dir, 'inc', name),
      content.replaceAll(
        'TCP',
        /:(\d+)/.exec(text.slice(text.indexOf('127')))?.[1] ??
          String(typeof address === 'object' && address ? address.port : 0),
      ),
    );
  const file = join(dir, 'rsyslog.conf');
  writeFileSync(
    file,
    `global(workDirectory="${dir}")\nmodule(load="imuxsock" SysSock.Name="${dir}/log")\n*.* action(type="omfile" file="${dir}/all")\n${text}\n`,
  );
  const child = spawn('/usr/sbin/rsyslogd', ['-n', '-iNONE', '-f', file], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const until = async (done: () => boolean) => {
    for (const end = Date.now() + 8000; !done();) {
      if (Date.now() > end || child.exitCode !== null) throw new Error(`rsyslogd did not get there: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  };
  try {
    await until(() => existsSync(join(dir, 'log')));
    const send = KINDS.map(
      ([facility, program], index) =>
        `logger -u '${dir}/log' -p ${facility}.info -t '${program}[${index + 100}]' -- '${LINE}'`,
    ).join('\n');
    execFileSync('sh', ['-c', send]);
    await until(
      () =>
        existsSync(join(dir, 'all')) &&
        readFileSync(join(dir, 'all'), 'utf8').split('\n').length > KINDS.length,
    );
  } finally {
    child.kill('SIGTERM');
    await ended;
    for (let wait = 0; wait < 100 && (open.size > 0 || wait < 3); wait++)
      await new Promise((resolve) => setTimeout(resolve, 15));
    tcp.close();
    udp.close();
  }
  return KINDS.map(
    (_, index) => got.includes(`[${index + 100}]`) || (got.includes('ID adm-bernd') && !got.includes('[1')),
  );
}

/** What the parser says of the same text. */
function said({ config, includes = {} }: Row): (boolean | null)[] {
  const files = {
    text: (path: string) =>
      path === '/main'
        ? `module(load="imuxsock" SysSock.Name="DIR/log")\n${config}\n`
        : (includes[path] ?? null),
    included: (pattern: string) => (pattern.endsWith('/inc/*.conf') ? Object.keys(includes).sort() : null),
  };
  const { selection = [] } = readRsyslog('/main', files, true, (_, socket) => socket === 'DIR/log');
  return KINDS.map(
    ([facility, program]) =>
      selection.find((one) => one.facility === facility && one.program === program)?.ships ?? null,
  );
}

describe.skipIf(needRsyslog)(title('the parser says what a real rsyslogd does', needRsyslog), () => {
  const results = new Map<string, Promise<boolean[]>>();
  // Four at a time: most of it is waiting.
  const start = (index: number): Promise<void> => {
    const row = TABLE[index];
    if (!row) return Promise.resolve();
    const dir = join(root, String(index));
    mkdirSync(dir);
    const result = real(row, dir);
    results.set(row.name, result);
    return result
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => start(index + 4));
  };
  test('all configurations ran', async () => {
    await Promise.all([0, 1, 2, 3].map(start));
    expect(results.size).toBe(TABLE.length);
  });

  test.each(TABLE)('$name', async (row) => {
    const arrived = await results.get(row.name);
    const verdict = said(row);
    // Where it claims something, it is what happened; and it claims unless the row allows doubt.
    expect(verdict.map((one, index) => one ?? (row.maybe ? arrived?.[index] : null))).toEqual(arrived);
  });
});

describe('whatever is written in it', () => {
  const config = TABLE.map((row) => row.config);
  const files = (text: string) => ({
    text: (path: string) => (path === '/main' ? text : null),
    included: () => [],
  });

  test('the parser neither throws nor hangs', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(...config),
            fc.string({ unit: 'binary' }),
            fc.constantFrom(
              'if ',
              '((',
              '{',
              '}',
              '"',
              '&',
              'action(',
              '$RuleSet x',
              '/*',
              '\\\n',
              ':msg,',
              'call x\n',
              'ruleset(name="x") { call x }',
            ),
          ),
          { maxLength: 12 },
        ),
        (parts) => {
          const { selection } = readRsyslog('/main', files(parts.join('\n')), true, () => true);
          expect(selection).toHaveLength(24);
        },
      ),
      { seed: 7, numRuns: 600 },
    );
  });

  test('deep nesting and circles end', () => {
    expect(parseRsyslog('/main', files(`if ${'('.repeat(5000)}1`)).troubles).toHaveLength(1);
    const circle = readRsyslog(
      '/main',
      files(
        'module(load="imuxsock")\nruleset(name="a") { call b }\nruleset(name="b") { call a }\ncall a\n*.* @@h',
      ),
      true,
      () => true,
    );
    expect(circle.shipsAuth).not.toBe(true);
    expect(
      readRsyslog(
        '/main',
        { text: () => 'module(load="imuxsock")\n$IncludeConfig /main\n', included: () => ['/main'] },
        true,
        () => true,
      ).shipsAuth,
    ).toBeNull();
  });

  test('a configuration that was not understood proves nothing', () => {
    const { shipsAuth, problems } = readRsyslog(
      '/main',
      files('module(load="imuxsock")\n*.* @@h\nif ((( then\n'),
      true,
      () => true,
    );
    expect(shipsAuth).toBeNull();
    expect(problems.join()).toContain('/main:3');
  });
});

describe('inputs and outputs', () => {
  const one = (text: string, feeds: (input: string, socket: string | null) => boolean | null = () => true) =>
    readRsyslog('/main', { text: () => text, included: () => [] }, true, feeds);

  test.each([
    ['module(load="imuxsock" SysSock.Use="off")\nmodule(load="imjournal")', true],
    ['$ModLoad imuxsock', true],
    ['$ModLoad imuxsock\n$OmitLocalLogging on', false],
    ['module(load="imtcp")\ninput(type="imtcp" port="514")', false],
    ['module(load="imuxsock" SysSock.Use="off")', false],
  ])('%s', (inputs, ships) => {
    expect(one(`${inputs}\n*.* @@siem.example:6514`).shipsAuth).toBe(ships);
  });

  test('a socket that nothing feeds', () => {
    const dead = one('module(load="imuxsock")\n*.* @@h', () => false);
    expect(dead.shipsAuth).toBe(false);
    expect(dead.problems.join()).toContain('ForwardToSyslog');
    expect(one('module(load="imuxsock")\n*.* @@h', () => null).shipsAuth).toBeNull();
  });

  test.each([
    ['*.* @@(z9,o)[::1]:6514;RSYSLOG_SyslogProtocol23Format', 'omfwd tcp [::1]:6514', true],
    ['*.* @siem # comment', 'omfwd udp siem:514', true],
    ['*.* :omrelp:siem:2514', 'omrelp siem:2514', true],
    ['action(type="omrelp" target="siem" port="2514" tls="on")', 'omrelp siem:2514', true],
    ['action(type="omelasticsearch" server=["a","b"] pwd="[redacted]")', 'omelasticsearch a, b', true],
    [
      'action(type="omkafka" broker="k:9092" topic="t" confParam=["sasl.password=[redacted]"])',
      'omkafka k:9092',
      true,
    ],
    ['action(type="omhttp" server="splunk" httpheaders=[[redacted]])', 'omhttp splunk', true],
    ['action(type="omprog" binary="/opt/ship")', 'the program /opt/ship', null],
    ['action(type="omfwd" target="siem" action.execOnlyEveryNthTime="10")', 'omfwd siem', null],
  ])('%s', (rule, destination, ships) => {
    const { destinations, shipsAuth } = one(`module(load="imuxsock")\n${rule}`);
    expect(destinations).toEqual([destination]);
    expect(shipsAuth).toBe(ships);
  });

  test('what is sent elsewhere shows where the store is', () => {
    expect(one('module(load="imuxsock")\nmail.* @@siem')).toMatchObject({
      shipsAuth: false,
      destinations: ['omfwd tcp siem:514'],
    });
  });

  test('names the rule that throws sshd away', () => {
    const { shipsAuth, problems } = one(
      'module(load="imuxsock")\n:programname, isequal, "sshd" stop\nif $programname startswith "sshd" then stop\n*.* @@h',
    );
    expect(shipsAuth).toBe(false);
    expect(problems.join('\n')).toContain(
      '/main:2 throws lines of sshd away: :programname, isequal, "sshd" stop',
    );
  });
});
