/** Hosts that ssh_config does not tell apart are asked for once: the oracle is `ssh -G` for each of them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readClasses, retold } from '../../../src/transports/ssh/config-classes.js';
import { createConfigResolver, type ResolvedConfig } from '../../../src/transports/ssh/ssh-config.js';
import { needs, title } from '../../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../../helpers/sshd.js';

describe.skipIf(needs.ssh)(title('classes of hosts', needs.ssh), () => {
  let directory: string;
  let path: string;
  let program: string;
  beforeAll(() => {
    directory = temporaryDirectory('classes');
    path = join(directory, 'config');
    program = join(directory, 'ssh');
    writeFileSync(program, `#!/bin/sh\necho >>${directory}/asked\nexec ssh "$@"\n`, { mode: 0o755 });
  });
  afterAll(() => removeDirectory(directory));

  const all = async (
    text: string,
    names: readonly string[],
  ): Promise<{ readonly answers: readonly ResolvedConfig[]; readonly asked: number }> => {
    writeFileSync(path, text);
    writeFileSync(join(directory, 'asked'), '');
    const resolve = createConfigResolver({ now: () => 0, configFile: path, sshProgram: program });
    const answers = await Promise.all(names.map((alias) => resolve({ alias })));
    return { answers, asked: readFileSync(join(directory, 'asked'), 'utf8').length };
  };
  /** Each by a resolver of its own, which has nobody else to ask for. */
  const each = async (names: readonly string[]): Promise<readonly ResolvedConfig[]> => {
    const answers: ResolvedConfig[] = [];
    for (const alias of names) {
      const resolve = createConfigResolver({ now: () => 0, configFile: path });
      answers.push(await resolve({ alias }));
    }
    return answers;
  };
  const fleet = (count: number): string[] =>
    Array.from({ length: count }, (_, at) => `srv-${at}.prod.example`);

  it('a fleet that one pattern stands for takes one process', async () => {
    const text = `Include ${directory}/more/*.conf\nHost *.prod.example !*.test.example # fleet\n  User auditor\n  Port 2222\n  ProxyJump gate.example\n  IdentityFile ~/.ssh/fleet\nHost srv-7.prod.example\n  HostName 10.0.0.7\nHost *\n  ServerAliveInterval 15\n`;
    mkdirSync(join(directory, 'more'), { recursive: true });
    writeFileSync(join(directory, 'more/a.conf'), 'Host other\n  User nobody\n');
    const { answers, asked } = await all(text, fleet(40));
    // The one that is named is asked by itself.
    expect(asked).toBe(2);
    expect(answers[3]).toMatchObject({ hostName: 'srv-3.prod.example', user: 'auditor', port: 2222 });
    expect(answers[7]).toMatchObject({ hostName: '10.0.0.7' });
    expect(answers.slice(0, 8)).toEqual(await each(fleet(8)));
  });

  it.each([
    ['Match', 'Match host srv-1*\n  User special\n'],
    ['canonical names', 'CanonicalizeHostname yes\nCanonicalDomains example\n'],
    ['tokens', 'Host *\n  IdentityFile ~/.ssh/%h\n'],
    ['HostName with a token', 'Host srv-*\n  HostName %h.internal\n'],
    ['an Include that is not plain', 'Include ~/.ssh/${X}/*\nHost *\n  User a\n'],
    ['an Include of many folders', `Include /etc/*/none.conf\nHost *\n  User a\n`],
    ['quotes', 'Host "srv-*"\n  User special\n'],
  ])('with %s every host is asked by itself', async (_, text) => {
    const names = fleet(4);
    const { answers, asked } = await all(text, names);
    expect(asked).toBe(4);
    expect(answers).toEqual(await each(names));
  });

  it('says of every host what ssh -G says of it, whatever the file', async () => {
    const pattern = fc.constantFrom(
      '*',
      'a*',
      '*.x',
      '?b',
      '!a1.x',
      '!*.y',
      'a1.x',
      'A*',
      'b?.*',
      'zz',
      '10.0.0.*',
    );
    const setting = fc.constantFrom(
      'User one',
      'User two',
      'Port 2222',
      'HostName fixed.example',
      'HostName a1.x',
      'ProxyJump hop.example',
      'ProxyJump b2.x',
      'ProxyCommand nc %h %p',
      'IdentityFile ~/.ssh/k1',
      'IdentityFile /keys/%r',
      'IdentitiesOnly yes',
      'UserKnownHostsFile /kh1 /kh2',
      'HostKeyAlias alias',
      'IdentityAgent none',
      'Match host a*',
    );
    const block = fc
      .tuple(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.array(setting, { maxLength: 3 }))
      .map(([patterns, settings]) => `Host ${patterns.join(' ')}\n  ${settings.join('\n  ')}\n`);
    const names = [
      'a1.x',
      'a2.x',
      'A3.x',
      'ab',
      'b2.x',
      'b3.y',
      'q',
      'q1.z',
      '10.0.0.1',
      '10.0.0.2',
      'lonely',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(setting, { maxLength: 1 }),
        fc.array(block, { maxLength: 4 }),
        async (top, blocks) => {
          const { answers } = await all(`${top.join('\n')}\n${blocks.join('')}`, names);
          expect(answers).toEqual(await each(names));
        },
      ),
      { seed: 20261121, numRuns: 15 },
    );
  });

  it('of a file that cannot be judged, or is not there: nothing, or one class', () => {
    expect(readClasses(directory)('a')).toBeNull();
    expect(readClasses(join(directory, 'none'))('a')).toBe(readClasses(join(directory, 'none'))('b'));
    writeFileSync(path, `Include ${path}\nHost a*\n`);
    expect(readClasses(path)('abc')).not.toBe(readClasses(path)('bcd'));
    for (const name of ['user@host', 'ABC', '-x', 'a b', '']) expect(readClasses(path)(name)).toBeNull();
  });

  it('is not told of another when its name stands anywhere else', () => {
    const text = 'host web\nhostname web\nuser ops\nidentityfile ~/.ssh/id\n';
    expect(retold(text, 'web', 'db')).toBe('hostname db\nuser ops\nidentityfile ~/.ssh/id');
    expect(retold(`${text}proxyjump web.gate\n`, 'web', 'db')).toBeNull();
  });
});
