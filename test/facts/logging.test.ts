import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGENTS, readAgent } from '../../src/facts/forwarders/agents.js';
import { selects } from '../../src/facts/forwarders/selector.js';
import { readLogging } from '../../src/facts/logging.js';
import type { Forwarder, LoggingFacts } from '../../src/facts/types.js';
import { evidenceOf, word } from '../helpers/evidence.js';
import { growth, LINEAR } from '../helpers/growth.js';

interface Host {
  /** `tool pid uid place owner exe args…` without encoding. */
  readonly processes?: readonly (readonly string[])[];
  readonly files?: readonly (readonly [tool: string, path: string, text: string, status?: string])[];
  readonly includes?: Readonly<Record<string, readonly string[]>>;
  readonly devLog?: string;
  readonly journald?: boolean;
  readonly more?: readonly string[];
}

function readingOf({
  processes = [],
  files = [],
  includes = {},
  devLog = '/run/systemd/journal/dev-log',
  journald = true,
  more = [],
}: Host) {
  const base64 = (text: string) => (text === '' ? '-' : Buffer.from(text).toString('base64'));
  return readLogging(
    evidenceOf({
      logging: [
        ...processes.map(
          ([tool = '', pid = '1', uid = '0', place = 'host', owner = '0', exe = '', ...args]) =>
            `process ${tool} ${pid} ${uid} ${place} ${owner} ${word(exe)} ${word(args.join('\n'))}`,
        ),
        `journald ${journald ? 12 : '-'}`,
        `devlog ${word(devLog)}`,
        'folder /var/log/journal 41ed 0 0 60 1 1',
        ...files.map(
          ([tool, path, text, status = 'ok']) => `C ${tool} ${word(path)} ${status} ${base64(text)}`,
        ),
        ...Object.entries(includes).map(([pattern, paths]) =>
          ['I', word(pattern), ...paths.map(word)].join(' '),
        ),
        ...more,
        '',
      ].join('\n'),
    }),
  );
}

function valueOf(host: Host): LoggingFacts {
  const reading = readingOf(host);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.value;
}

function only(host: Host): Forwarder {
  const { forwarders } = valueOf(host);
  expect(forwarders).toHaveLength(1);
  const [one] = forwarders;
  if (!one) throw new Error('no forwarder');
  return one;
}

const RSYSLOGD = ['rsyslog', '30', '0', 'host', '0', '/usr/sbin/rsyslogd', 'rsyslogd', '-n', '-iNONE'];
const rsyslog = (text: string): readonly [string, string, string] => ['rsyslog', '/etc/rsyslog.conf', text];
const FORWARD = 'module(load="imuxsock")\nauth,authpriv.* @@siem.example:6514\n';
const JOURNALD = (text: string): readonly [string, string, string] => [
  'journald',
  '/etc/systemd/journald.conf',
  `[Journal]\n${text}\n`,
];

describe('rsyslog behind journald', () => {
  test.each([
    ['ForwardToSyslog=yes', true],
    ['ForwardToSyslog=no', false],
    ['#ForwardToSyslog=yes', true],
    ['#ForwardToSyslog=no', false],
    ['', null],
    ['ForwardToSyslog=yes\nMaxLevelSyslog=warning', false],
    ['ForwardToSyslog=yes\nMaxLevelSyslog=info', true],
    ['ForwardToSyslog=yes\nMaxLevelSyslog=4', false],
  ])('%s', (journald, ships) => {
    expect(only({ processes: [RSYSLOGD], files: [rsyslog(FORWARD), JOURNALD(journald)] }).shipsAuth).toBe(
      ships,
    );
  });

  test('drop-ins win by name, /etc before /usr', () => {
    const files: Host['files'] = [
      rsyslog(FORWARD),
      JOURNALD('ForwardToSyslog=no'),
      ['journald', '/usr/lib/systemd/journald.conf.d/10-a.conf', '[Journal]\nForwardToSyslog=no\n'],
      ['journald', '/etc/systemd/journald.conf.d/10-a.conf', '[Journal]\nForwardToSyslog=yes\n'],
    ];
    expect(valueOf({ files }).journald.forwardsToSyslog).toBe(true);
    expect(
      valueOf({
        files: [
          ...files,
          ['journald', '/usr/lib/systemd/journald.conf.d/99-z.conf', '[Journal]\nForwardToSyslog=no\n'],
        ],
      }).journald.forwardsToSyslog,
    ).toBe(false);
  });

  test('imjournal reads the journal itself', () => {
    const files: Host['files'] = [
      rsyslog(
        'module(load="imuxsock" SysSock.Use="off")\nmodule(load="imjournal")\n*.info;authpriv.none @@siem\nauthpriv.* @@siem\n',
      ),
      JOURNALD('ForwardToSyslog=no'),
    ];
    expect(only({ processes: [RSYSLOGD], files })).toMatchObject({
      shipsAuth: true,
      destinations: ['omfwd tcp siem:514'],
    });
    expect(only({ processes: [RSYSLOGD], files, journald: false }).shipsAuth).toBe(false);
    expect(
      only({
        processes: [RSYSLOGD],
        files: [
          ...files,
          ['journald', '/run/systemd/journald.conf.d/x.conf', '[Journal]\nMaxLevelStore=warning\n'],
        ],
      }).shipsAuth,
    ).toBe(false);
  });

  test('without journald, rsyslog owns /dev/log', () => {
    expect(
      only({ processes: [RSYSLOGD], files: [rsyslog(FORWARD)], devLog: '/dev/log', journald: false })
        .shipsAuth,
    ).toBe(true);
    expect(
      only({ processes: [RSYSLOGD], files: [rsyslog(FORWARD)], devLog: '', journald: false }).shipsAuth,
    ).toBe(false);
    // journald's socket is there, journald is not.
    expect(
      only({
        processes: [RSYSLOGD],
        files: [rsyslog(FORWARD), JOURNALD('ForwardToSyslog=yes')],
        journald: false,
      }).shipsAuth,
    ).toBe(false);
  });

  test('includes are read where they stand; one that was not read proves nothing', () => {
    const files: Host['files'] = [
      rsyslog('module(load="imuxsock")\n$IncludeConfig /etc/rsyslog.d/*.conf\n'),
      ['rsyslog', '/etc/rsyslog.d/50-siem.conf', '*.* @@siem\n'],
      JOURNALD('ForwardToSyslog=yes'),
    ];
    expect(
      only({
        processes: [RSYSLOGD],
        files,
        includes: { '/etc/rsyslog.d/*.conf': ['/etc/rsyslog.d/50-siem.conf'] },
      }),
    ).toMatchObject({
      shipsAuth: true,
      evidence: [{ path: '/etc/rsyslog.d/50-siem.conf', line: 1, text: '*.* @@siem' }],
    });
    expect(only({ processes: [RSYSLOGD], files }).shipsAuth).toBeNull();
  });

  test('a file that was cut proves nothing', () => {
    const reading = readingOf({
      processes: [RSYSLOGD],
      files: [['rsyslog', '/etc/rsyslog.conf', FORWARD, 'cut'], JOURNALD('ForwardToSyslog=yes')],
    });
    expect(reading).toMatchObject({
      gaps: ['/etc/rsyslog.conf could not be read whole (cut)'],
      value: { forwarders: [{ shipsAuth: null }] },
    });
    expect(readingOf({ files: [rsyslog(`${FORWARD}\n[redaction failed]\n`)] })).toMatchObject({
      gaps: [expect.stringContaining('too slow')],
    });
  });

  test('per facility and program', () => {
    const { selection, shipsAuth } = only({
      processes: [RSYSLOGD],
      files: [
        rsyslog('module(load="imuxsock")\n:programname, isequal, "sshd" @@siem\nlocal7.* @@siem\n'),
        JOURNALD('ForwardToSyslog=yes'),
      ],
    });
    const ships = (facility: string, program: string) =>
      selection?.find((one) => one.facility === facility && one.program === program)?.ships;
    expect([ships('auth', 'sshd'), ships('auth', 'sshd-session'), ships('local7', 'sshd-session')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(shipsAuth).toBeNull();
  });

  test('a loopback destination is only noted', () => {
    const one = only({
      processes: [RSYSLOGD],
      files: [rsyslog('module(load="imuxsock")\n*.* @@127.0.0.1:514\n'), JOURNALD('ForwardToSyslog=yes')],
    });
    expect(one.shipsAuth).toBe(true);
    expect(one.problems.join()).toContain('this host itself');
    expect(
      only({ processes: [RSYSLOGD], files: [rsyslog(FORWARD), JOURNALD('ForwardToSyslog=yes')] }).problems,
    ).toEqual([]);
  });
});

describe('who runs', () => {
  test('a configuration without a process is not running', () => {
    expect(only({ files: [rsyslog(FORWARD)] })).toMatchObject({
      running: false,
      destinations: ['omfwd tcp siem.example:6514'],
    });
  });

  test.each([
    [
      'a person’s program of that name',
      ['rsyslog', '5', '1002', 'host', '1002', '/home/eve/rsyslogd', 'rsyslogd'],
    ],
    [
      'the real program, started by a person',
      ['rsyslog', '5', '1002', 'host', '0', '/usr/sbin/rsyslogd', 'rsyslogd', '-f', '/home/eve/x'],
    ],
    [
      'a person’s program run as a system user',
      ['rsyslog', '5', '104', 'host', '1002', '/home/eve/rsyslogd', 'rsyslogd'],
    ],
    ['a process that ended meanwhile', ['rsyslog', '5', '-', 'host', '-', '/usr/sbin/rsyslogd', '']],
  ])('%s does not count', (_, process) => {
    expect(only({ processes: [process], files: [rsyslog(FORWARD)] }).running).toBe(false);
  });

  test('a system user may run it', () => {
    expect(
      only({
        processes: [['rsyslog', '5', '104', 'host', '0', '/usr/sbin/rsyslogd', 'rsyslogd']],
        files: [rsyslog(FORWARD)],
      }).running,
    ).toBe(true);
  });

  test('in a container its configuration is not seen', () => {
    expect(
      only({
        processes: [['promtail', '5', '0', 'container', '0', '/usr/bin/promtail', 'promtail']],
        files: [
          [
            'promtail',
            '/etc/promtail/config.yml',
            'clients:\n  - url: http://x\nscrape_configs:\n  - journal:\n',
          ],
        ],
      }).shipsAuth,
    ).toBeNull();
  });
});

describe('busybox', () => {
  const run = (...args: string[]) =>
    only({
      processes: [['busybox', '5', '0', 'host', '0', '/bin/busybox', 'syslogd', ...args]],
      devLog: '/dev/log',
      journald: false,
    });
  test('sends with -R', () => {
    expect(run('-R', 'siem:514')).toMatchObject({
      shipsAuth: true,
      destinations: ['siem:514'],
      running: true,
    });
    expect(run('-L', '-Rsiem')).toMatchObject({ shipsAuth: true, destinations: ['siem'] });
    expect(run()).toMatchObject({ shipsAuth: false, destinations: [] });
    expect(run('-R', 'siem', '-l', '5')).toMatchObject({
      shipsAuth: false,
      problems: [expect.stringContaining('level 5')],
    });
  });
});

describe('old syslogd', () => {
  test('its selectors', () => {
    const run = (text: string) =>
      only({
        processes: [['syslogd', '5', '0', 'host', '0', '/usr/sbin/syslogd', 'syslogd']],
        files: [['syslogd', '/etc/syslog.conf', text]],
        devLog: '/dev/log',
        journald: false,
      });
    expect(run('auth,authpriv.*\t@siem')).toMatchObject({ name: 'syslogd', shipsAuth: true });
    expect(
      run('*.info;authpriv.none\t@siem\n').selection?.find(({ facility }) => facility === 'authpriv')?.ships,
    ).toBe(false);
  });
});

describe('syslog-ng', () => {
  const base =
    'source s_src { system(); internal(); };\ndestination d_siem { network("siem.example" port(6514) transport("tls")); };\ndestination d_file { file("/var/log/auth.log"); };\nfilter f_auth { facility(auth, authpriv); };\nfilter f_not { not facility(auth,authpriv) and level(info..emerg); };\nfilter f_match { match("10.0.0.1"); };\n';
  const run = (logs: string) =>
    only({
      processes: [['syslog-ng', '5', '0', 'host', '0', '/usr/sbin/syslog-ng', 'syslog-ng', '-F']],
      files: [['syslog-ng', '/etc/syslog-ng/syslog-ng.conf', base + logs]],
    });

  test.each([
    ['log { source(s_src); filter(f_auth); destination(d_siem); };', true],
    ['log { source(s_src); destination(d_siem); };', true],
    ['log { source(s_src); filter(f_not); destination(d_siem); };', false],
    ['# log { source(s_src); destination(d_siem); };\nlog { source(s_src); destination(d_file); };', false],
    [
      'log { source(s_src); filter(f_auth); destination(d_file); flags(final); };\nlog { source(s_src); destination(d_siem); };',
      false,
    ],
    ['log { source(s_src); filter(f_match); destination(d_siem); };', null],
    ['log { source(s_other); destination(d_siem); };', false],
    ['log { source { system(); }; destination(d_siem); };', null],
  ])('%s', (logs, ships) => {
    const one = run(logs);
    expect(one.shipsAuth).toBe(ships);
    expect(one.destinations).toEqual(['network siem.example']);
  });
});

describe('agents', () => {
  const run = (tool: string, text: string) =>
    only({
      processes: [[tool, '5', '0', 'host', '0', `/usr/bin/${tool}`, tool]],
      files: [[tool, `/etc/${tool}/config`, text]],
    });

  test.each<[string, string, boolean | null, string[]]>([
    ['journal-upload', '[Upload]\nURL=https://logs.internal:19532\n', true, ['https://logs.internal:19532']],
    ['journal-upload', '[Upload]\n# URL=\n', null, []],
    [
      'promtail',
      'clients:\n  - url: http://loki:3100/loki/api/v1/push\nscrape_configs:\n  - job_name: j\n    journal:\n      max_age: 12h\n',
      true,
      ['http://loki:3100/loki/api/v1/push'],
    ],
    [
      'promtail',
      'clients:\n  - url: http://loki\nscrape_configs:\n  - journal:\n      matches: _TRANSPORT=kernel\n',
      null,
      ['http://loki'],
    ],
    [
      'promtail',
      'clients:\n  - url: http://loki\nscrape_configs:\n  - static_configs:\n    - labels: {__path__: /var/log/nginx/*.log}\n',
      null,
      ['http://loki'],
    ],
    [
      'alloy',
      'loki.source.journal "j" { forward_to = [loki.write.x.receiver] }\nloki.write "x" { endpoint {\n url = "http://loki" } }\n',
      true,
      ['http://loki'],
    ],
    [
      'fluent-bit',
      '[INPUT]\n    Name systemd\n    Tag host.*\n[OUTPUT]\n    Name es\n    Match *\n    Host es.internal\n',
      true,
      ['es.internal'],
    ],
    [
      'fluent-bit',
      '[INPUT]\n    Name systemd\n    Systemd_Filter _SYSTEMD_UNIT=nginx.service\n[OUTPUT]\n    Host es.internal\n',
      null,
      ['es.internal'],
    ],
    [
      'vector',
      '[sources.j]\ntype = "journald"\n[sinks.s]\ntype = "elasticsearch"\nendpoints = ["https://es"]\n',
      true,
      ['https://es'],
    ],
    [
      'datadog',
      'api_key: [redacted]\nlogs_enabled: true\nlogs:\n  - type: journald\n',
      true,
      ['datadoghq.com'],
    ],
    [
      'datadog',
      'api_key: [redacted]\nlogs_enabled: false\nlogs:\n  - type: journald\n',
      false,
      ['datadoghq.com'],
    ],
    [
      'wazuh',
      '<client><server><address>wazuh.internal</address></server></client>\n<localfile>\n <log_format>journald</log_format>\n</localfile>\n',
      true,
      ['wazuh.internal'],
    ],
    ['splunk', '[tcpout:a]\nserver = idx:9997\n[journald://all]\n', true, ['idx:9997']],
    [
      'otelcol',
      'receivers:\n  journald:\nexporters:\n  otlp:\n    endpoint: otel:4317\nservice:\n  pipelines:\n    logs:\n      receivers: [journald]\n',
      true,
      ['otel:4317'],
    ],
    [
      'otelcol',
      'receivers:\n  journald:\nexporters:\n  otlp:\n    endpoint: otel:4317\nservice:\n  pipelines:\n    traces:\n',
      false,
      ['otel:4317'],
    ],
    ['elastic-agent', 'fleet:\n  hosts: ["https://fleet:8220"]\n', null, ['https://fleet:8220']],
    ['nxlog', 'anything', null, []],
  ])('%s %#', (tool, text, ships, destinations) => {
    const one = run(tool, text);
    expect(one).toMatchObject({ name: tool, running: true, destinations });
    expect(one.shipsAuth).toBe(ships);
  });

  test('a text log is only shipped while something writes it', () => {
    const files: Host['files'] = [
      ['filebeat', '/etc/filebeat/filebeat.yml', 'output.elasticsearch:\n  hosts: ["es:9200"]\n'],
      ['filebeat', '/etc/filebeat/modules.d/system.yml', '- module: system\n  auth:\n    enabled: true\n'],
    ];
    const filebeat = ['filebeat', '5', '0', 'host', '0', '/usr/share/filebeat/bin/filebeat', 'filebeat'];
    expect(
      valueOf({ processes: [filebeat, RSYSLOGD], files }).forwarders.find(({ name }) => name === 'filebeat'),
    ).toMatchObject({ shipsAuth: true, destinations: ['es:9200'] });
    expect(only({ processes: [filebeat], files })).toMatchObject({
      shipsAuth: false,
      problems: [expect.stringContaining('no syslog daemon')],
    });
  });

  test('audit records are no logins', () => {
    expect(
      only({
        processes: [['auditd', '5', '0', 'host', '0', '/sbin/auditd', 'auditd']],
        files: [['auditd', '/etc/audit/audisp-remote.conf', 'remote_server = audit.internal\n']],
      }),
    ).toMatchObject({ shipsAuth: false, destinations: ['audit.internal'] });
  });
});

test('selectors', () => {
  const info = (text: string, facility: number) => selects(text, facility, 6);
  expect(info('*.*', 4)).toBe(true);
  expect(info('authpriv.*', 4)).toBe(false);
  expect(info('auth,authpriv.info', 10)).toBe(true);
  expect(info('*.notice', 4)).toBe(false);
  expect(info('*.info;auth.none', 4)).toBe(false);
  expect(info('bogus.*', 4)).toBeNull();
  expect(info('auth.bogus', 4)).toBeNull();
});

describe('whatever a host sends', () => {
  test('nothing throws', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        'process rsyslog 1 0 host 0 x y',
        'C rsyslog /x ok AAAA',
        'C journald /etc/systemd/journald.conf ok W0o=',
        'devlog =',
        'I x',
        'journald 5',
        'C syslog-ng /x ok bG9nIHsgeyB7',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), (lines) => {
        expect(readLogging(evidenceOf({ logging: lines.join('\n') })).ok).toBe(true);
      }),
      { seed: 3, numRuns: 500 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(AGENTS), 'other'),
        fc.string({ unit: 'binary' }),
        (tool, text) => {
          expect(readAgent(tool, [{ path: '/x', text }])).toHaveProperty('destinations');
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });

  test.each(Object.keys(AGENTS))('%s: one long line takes time in proportion', (tool) => {
    const ratio = growth(16_384, (size) => {
      const text = `${' '.repeat(size)}${'-'.repeat(size)}`;
      return () => void readAgent(tool, [{ path: '/x', text }]);
    });
    expect(ratio).toBeLessThan(LINEAR);
    readAgent(tool, [{ path: '/x', text: `${' '.repeat(500_000)}${'-'.repeat(500_000)}` }]);
  });

  test.each<[string, (size: number) => readonly [string, string, string]]>([
    ['open parentheses', (size) => rsyslog('('.repeat(size))],
    ['selectors', (size) => rsyslog('a.*,'.repeat(size / 4))],
    ['open braces', (size) => ['syslog-ng', '/x', `log ${'{'.repeat(size)}`]],
    ['conditions', (size) => ['syslogd', '/y', `if ${'1 and '.repeat(size / 6)}`]],
  ])('%s of a forwarder take time in proportion', (_what, make) => {
    let read = 0;
    const ratio = growth(16_384, (size) => {
      const [tool, path, text] = make(size);
      return () => {
        // Another text each time: what was read is remembered.
        read += 1;
        valueOf({ processes: [RSYSLOGD], files: [[tool, path, `${text} ${read}`]] });
      };
    });
    expect(ratio).toBeLessThan(LINEAR);
  });
});
