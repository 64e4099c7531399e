import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readScript } from '../../src/facts/script-programs.js';
import { calledPrograms, TOO_COMPLICATED } from '../../src/facts/shell-commands.js';
import { shellTokens } from '../../src/facts/shell-lexer.js';
import { libraryCall, sshCallsOf } from '../../src/facts/ssh-calls.js';
import { growth, LINEAR } from '../helpers/growth.js';

const calls = (text: string): string[] => sshCallsOf(calledPrograms(text));
const programs = (text: string): string[] => calledPrograms(text).map(({ program }) => program);
const scriptCalls = (text: string, path = '/opt/x'): string[] => sshCallsOf(readScript(text, path).programs);

describe('calls of the ssh family', () => {
  test.each([
    ['ssh h uptime', 'ssh'],
    ['/usr/bin/ssh h', 'ssh'],
    ['"/usr/bin/ssh" h', 'ssh'],
    ["'ssh' h", 'ssh'],
    ['s"s"h h', 'ssh'],
    ['s\\sh h', 'ssh'],
    ["$'ssh' h", 'ssh'],
    ['\\ssh h', 'ssh'],
    ['$(which ssh) h', 'ssh'],
    ['"$(command -v ssh)" h', 'ssh'],
    ['`which ssh` h', 'ssh'],
    ['env ssh h', 'ssh'],
    ['env -u A B=c ssh h', 'ssh'],
    ['env -S "ssh h"', 'ssh'],
    ['A=b ssh h', 'ssh'],
    ['sudo -u x ssh h', 'ssh'],
    ['sudo -nu x -- ssh h', 'ssh'],
    ['doas -u x scp a h:', 'scp'],
    ['timeout 5 ssh h', 'ssh'],
    ['timeout -k 5 --signal KILL 10s sftp h', 'sftp'],
    ['flock /run/l ssh h', 'ssh'],
    ['flock -w 5 /run/l -c "ssh h"', 'ssh'],
    ['nice -n 5 ionice -c 3 ssh h', 'ssh'],
    ['nohup setsid ssh h &', 'ssh'],
    ['exec ssh h', 'ssh'],
    ['command ssh h', 'ssh'],
    ['eval "ssh h"', 'ssh'],
    ["trap 'ssh h true' EXIT", 'ssh'],
    ['su - backup -c "ssh h"', 'ssh'],
    ['su backup -s /bin/sh -c "ssh h"', 'ssh'],
    ['runuser -u x -- ssh h', 'ssh'],
    ['sh -c "cd / && ssh h"', 'ssh'],
    ["bash -lc 'ssh h'", 'ssh'],
    ['bash -o pipefail -c "ssh h"', 'ssh'],
    ['busybox sh -c "ssh h"', 'ssh'],
    ['echo x | ssh h cat', 'ssh'],
    ['true && ssh h', 'ssh'],
    ['true;ssh h', 'ssh'],
    ['(ssh h)', 'ssh'],
    ['{ ssh h; }', 'ssh'],
    ['if ssh h true; then :; fi', 'ssh'],
    ['while ! ssh h; do sleep 1; done', 'ssh'],
    ['for h in a b; do ssh "$h"; done', 'ssh'],
    ['case $1 in a) ssh h;; esac', 'ssh'],
    ['x=$(ssh h cat f)', 'ssh'],
    ['echo "now: $(ssh h date)"', 'ssh'],
    ['diff <(ssh a cat f) f', 'ssh'],
    ['>log 2>&1 ssh h', 'ssh'],
    ['2>/dev/null ssh h', 'ssh'],
    ['f() { ssh h; }; f', 'ssh'],
    ['find . -exec scp {} h: \\;', 'scp'],
    ['ls | xargs -n1 -I{} scp {} h:', 'scp'],
    ["xargs sh -c 'ssh h'", 'ssh'],
    ["watch -n 5 'ssh h uptime'", 'ssh'],
    ['systemd-run -p Type=exec ssh h', 'ssh'],
    ['start-stop-daemon --start --exec /usr/bin/autossh -- -N h', 'autossh'],
    ['SSH=/usr/bin/ssh\n$SSH h', 'ssh'],
    ['CMD="ssh -i /k"\n${CMD} h', 'ssh'],
    ['${SSH:-ssh} h', 'ssh'],
    ['export R="scp -q"; $R a h:', 'scp'],
    ['sshpass -p x ssh h', 'sshpass'],
    ['autossh -M 0 h', 'autossh'],
    ['ansible-playbook site.yml', 'ansible-playbook'],
    ['rsync -a /x h:/y', 'rsync'],
    ['rsync -a /x u@h:y', 'rsync'],
    ['rsync -ae ssh /x /y', 'rsync'],
    ['rsync -a -e "ssh -i /k" /x h:/y', 'rsync'],
    ['rsync --rsh=ssh /x h:/y', 'rsync'],
    ['git clone git@h:r', 'git over ssh'],
    ['git push ssh://h/r', 'git over ssh'],
    ['git -c core.sshCommand="ssh -i /k" pull', 'git over ssh'],
    ['GIT_SSH_COMMAND="ssh -i /k" git pull', 'git over ssh'],
    ['export GIT_SSH_COMMAND="ssh -i /k"', 'git over ssh'],
    ['svn co svn+ssh://h/r', 'svn over ssh'],
    ['curl sftp://h/f', 'curl over ssh'],
    ['borg create u@h:/r::a /x', 'borg over ssh'],
    ['bash <<EOF\nssh h\nEOF', 'ssh'],
    ['${SHELL:-/bin/sh} << "end"\nssh h\nend', 'ssh'],
    ["bash <<< 'ssh h'", 'ssh'],
    ['cat <<EOF\n$(ssh h cat f)\nEOF', 'ssh'],
    ['ssh h <<EOF\nuptime\nEOF', 'ssh'],
    ['a \\\n  && ssh \\\n h', 'ssh'],
  ])('%j calls %s', (text, name) => expect(calls(text)).toContain(name));

  test.each([
    'ops-ssh-wrapper ssh h',
    '/usr/local/bin/ops-ssh-wrapper ssh h',
    'rsync -a /x /y',
    'rsync -a ./a:b /y',
    'rsync h::module /y',
    'ssh-keygen -t ed25519 -f k',
    'ssh-add k',
    '/usr/sbin/sshd -t',
    'ls /etc/ssh',
    'systemctl restart ssh',
    'service ssh reload',
    'apt-get install -y ssh rsync',
    'echo ssh h',
    'echo "run ssh h"',
    "printf '%s\\n' 'ssh h'",
    'logger ssh h',
    '# ssh h',
    'true # ssh h',
    'pgrep ssh',
    'which ssh',
    'command -v ssh',
    'type ssh',
    'man ssh',
    'ssh -V',
    'ssh -Q cipher',
    'ssh -G h',
    'cat /etc/ssh/ssh_config',
    'grep ssh /var/log/auth.log',
    'ssh=1',
    'f() { ssh h; }',
    'case $1 in\n  ssh) true;;\n  scp | sftp) true ;;\nesac',
    'for ssh in a b; do :; done',
    'for x in ssh scp; do command -v $x; done',
    'cat <<EOF\nssh h\nEOF',
    "cat <<'EOF'\n$(ssh h)\nEOF",
    'cat <<-X\n\tssh h\n\tX\ntrue',
    'exit 0\nssh h',
    'exec true\nssh h',
    'false && ssh h',
    'alias r="ssh h"',
    '[ "$1" = ssh ]',
    '[[ $x == ssh ]]',
    'git clone https://h/r',
    'git pull',
    'curl https://h/ssh',
    'x=$((ssh + 1))',
    "awk '/ssh/ { print }' f",
    'grep -r "ssh://" /etc',
    'ssh-keyscan h',
    'ssh_exporter --web',
    'openssh-client',
  ])('%j calls nothing', (text) => expect(calls(text)).toEqual([]));

  test('what stands behind a conditional exit is alive', () => {
    expect(calls('[ -f /x ] || exit 0\nssh h')).toEqual(['ssh']);
    expect(calls('if true; then exit 0; fi\nssh h')).toEqual(['ssh']);
    expect(calls('f() { exit 1; }\nssh h')).toEqual(['ssh']);
    expect(calls('x=$(exit 1)\nssh h')).toEqual(['ssh']);
  });

  test('a function is alive when it is called by another that is, by a trap, or may be by its name', () => {
    expect(calls('a() { ssh h; }\nb() { a; }\nb')).toEqual(['ssh']);
    expect(calls('a() { ssh h; }\ntrap a EXIT')).toEqual(['ssh']);
    expect(calls('a() { ssh h; }\n"$@"')).toEqual(['ssh']);
    expect(calls('a() { ssh h; }\nb() { a; }')).toEqual([]);
    expect(calls('function a { ssh h; }\na')).toEqual(['ssh']);
  });

  test('lines are those of the text', () => {
    const text = 'true\n\ncat <<EOF\nx\nEOF\nssh a\nbash <<EOF\n:\nssh b\nEOF\necho "\n\n$(ssh c)"';
    expect(
      calledPrograms(text)
        .filter(({ program }) => program === 'ssh')
        .map(({ line, args }) => [args[0], line]),
    ).toEqual([
      ['a', 6],
      ['b', 9],
      ['c', 13],
    ]);
  });

  test('an interpreter names its script', () => {
    expect(programs('bash /opt/run.sh x')).toEqual(['bash', '/opt/run.sh']);
    expect(programs('cd /x && ./run.sh')).toEqual(['cd', './run.sh']);
    expect(programs('. /etc/default/x')).toEqual(['.', '/etc/default/x']);
  });
});

describe('other languages', () => {
  test.each([
    ['python', 'subprocess.run(["ssh", "h"])'],
    ['python', 'subprocess.check_output(\n    [\n        "ssh",\n        host,\n    ]\n)'],
    ['python', 'os.system("cd /x && ssh h")'],
    ['python', "subprocess.Popen('ssh h', shell=True)"],
    ['python', 'os.execvp("ssh", ["ssh", "h"])'],
    ['python', 'await asyncio.create_subprocess_exec("ssh", "h")'],
    ['python', 'subprocess.run(f"ssh {host} uptime", shell=True)'],
    ['python', 'subprocess.run(args=["ssh", "h"])'],
    ['python', 'cmd = ["ssh", "-i", key, host]\nsubprocess.run(cmd)'],
    ['python', 'ssh_cmd = "ssh -i /k h"'],
    ['perl', 'my $x = `ssh h uptime`;'],
    ['perl', 'system("ssh", "h");'],
    ['perl', 'system "ssh h";'],
    ['perl', 'my $x = qx{ssh h};'],
    ['ruby', 'x = `ssh h`'],
    ['ruby', 'system("ssh h")'],
    ['ruby', 'y = %x(ssh h)'],
    ['node', 'execFile("ssh", ["h"], cb)'],
    ['node', 'child_process.spawn("ssh", ["h"])'],
    ['node', 'execSync(`ssh h`)'],
    ['php', '<?php exec("ssh h");'],
    ['expect', 'spawn ssh h'],
    ['expect', 'spawn -noecho ssh h'],
  ])('%s: %j calls ssh', (language, code) =>
    expect(scriptCalls(`#!/usr/bin/env ${language}\n${code}\n`)).toEqual(['ssh']),
  );

  test.each([
    ['python', '# subprocess.run(["ssh", "h"])'],
    ['python', '"""\nsubprocess.run(["ssh", "h"])\n"""'],
    ['python', 'print("ssh h")'],
    ['python', 'subprocess.run(["ssh-add", k])'],
    ['python', 'subprocess.run(["/usr/local/bin/ops-ssh-wrapper", "ssh", "h"])'],
    ['python', 'shutil.which("ssh")'],
    ['python', 'if x in ("ssh", "scp"): pass'],
    ['python', 'def old():\n    os.system("ssh h")\n\nprint(1)'],
    ['python', 'sys.exit(0)\nos.system("ssh h")'],
    ['node', '// execSync("ssh h")'],
    ['node', '/*\n execSync("ssh h")\n*/'],
    ['perl', '=pod\n\n`ssh h`\n\n=cut\n'],
    ['ruby', '=begin\n`ssh h`\n=end\n'],
    ['python', 'subprocess.run(["rsync", "-a", "/x", "/y"])'],
  ])('%s: %j calls nothing', (language, code) =>
    expect(scriptCalls(`#!/usr/bin/env ${language}\n${code}\n`)).toEqual([]),
  );

  test('rsync with another host in its arguments', () => {
    expect(scriptCalls('#!/usr/bin/python3\nsubprocess.run(["rsync", "-a", "/x", "h:/y"])\n')).toEqual([
      'rsync',
    ]);
  });

  test('the language is that of the first line, else of the name, else shell', () => {
    expect(readScript('#!/usr/bin/env -S python3 -u\n', '/x').language).toBe('python');
    expect(readScript('#!/bin/bash\n', '/x.py').language).toBe('shell');
    expect(readScript('x', '/x.py').language).toBe('python');
    expect(readScript('x', '/x').language).toBe('shell');
    expect(readScript('#!/usr/bin/awk -f\n', '/x').language).toBe('other');
  });

  test.each([
    ['import paramiko', 'paramiko'],
    ['from fabric import Connection', 'fabric'],
    ["const { Client } = require('ssh2')", 'ssh2'],
    ["import { Client } from 'ssh2'", 'ssh2'],
    ['use Net::OpenSSH;', 'Net::OpenSSH'],
    ["require 'net/ssh'", 'net/ssh'],
    ['$c = ssh2_connect("h");', 'ssh2_connect'],
  ])('%j loads %s', (line, name) => expect(libraryCall(line)).toBe(name));
  test.each(['# import paramiko', 'x = "import paramiko"', 'import paramikos'])('%j loads nothing', (line) =>
    expect(libraryCall(line)).toBeNull(),
  );
});

describe('hostile text', () => {
  const fragments = fc.array(
    fc.constantFrom(
      'ssh h',
      '"',
      "'",
      '`',
      '$(',
      ')',
      '(',
      '{',
      '}',
      '\n',
      ';',
      '&&',
      '|',
      '<<E',
      'E\n',
      'case x in',
      'esac',
      ';;',
      'if',
      'fi',
      'sh -c',
      '$((',
      '))',
      '${',
      '#',
      '\\',
      ' ',
      'f()',
      'eval',
      'exit',
      '\0',
      '\r',
      '=',
      'su -c',
      '-exec',
      'find',
    ),
    { maxLength: 120 },
  );
  test('nothing throws, every line lies within the text', () => {
    fc.assert(
      fc.property(
        fragments.map((parts) => parts.join('')),
        (text) => {
          const last = text.split('\n').length;
          expect(calledPrograms(text).filter(({ line }) => line < 1 || line > last)).toEqual([]);
          for (const path of ['/a.py', '/a.pl', '/a.rb', '/a.js', '/a.php', '/a.exp', '/a'])
            readScript(text, path);
        },
      ),
      { seed: 7, numRuns: 600 },
    );
  });

  test('any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(calledPrograms(text)).toBeInstanceOf(Array);
      }),
      { seed: 7, numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('`', '(', ')', '$(', '\v', '\f', '\u00a0', 'a', '"'), { maxLength: 30 }),
        (parts) => {
          expect(calledPrograms(parts.join(''))).toBeInstanceOf(Array);
        },
      ),
      { seed: 7, numRuns: 2000 },
    );
  });

  test('a quoted command is one word, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'binary', maxLength: 60 })
          .filter((text) => !text.includes("'") && !text.includes('\0')),
        (text) => {
          const tokens = shellTokens(`true '${text}' end`);
          expect(tokens.map((token) => token.text)).toEqual(['true', text, 'end']);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  test.each([
    ['open substitutions', '$('],
    ['open quotes', '"$('],
    ['arithmetic', '$(('],
    ['braces', '{ a;'],
    ['evals', 'eval '],
    ['nested shells', '"flock -c x" -c '],
    ['functions', 'f() { "$1"; };'],
    ['here-documents', '<<E\n'],
    ['one word', 'cmd'],
    ['comments', ' # '],
    ['block openers', '/*'],
    ['pod', '=a\n'],
    ['backticks', 'qx{'],
    ['variables', 'A=$A$A$A; $A $A;'],
    ['case', 'case x in '],
    ['defs', 'def f():\n'],
  ])('%s take time in proportion', (name, part) => {
    let read = 0;
    const make = (size: number): (() => void) => {
      const text = `${name === 'nested shells' ? 'flock -c ' : ''}${part.repeat(size / part.length)}`;
      return () => {
        // Another text each time: what was read is remembered.
        read += 1;
        for (const language of ['sh', 'py', 'pl', 'rb', 'js', 'php'])
          readScript(`${text}#${read}`, `/a.${language}`);
      };
    };
    expect(growth(16_384, make)).toBeLessThan(LINEAR);
    make(262_144)();
  });

  test('text that is too complicated says so', () => {
    const nested = `sh -c '${'a;'.repeat(40_000)}'`;
    expect(programs(nested).length).toBeGreaterThan(30_000);
    expect(programs(`${'a;'.repeat(60_000)}ssh h`)).toContain(TOO_COMPLICATED);
  });
});
