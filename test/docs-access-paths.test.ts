/** The examples of docs/access-paths.md are read by what will read them. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../src/inventory/load.js';
import { createTransport } from '../src/transports/index.js';
import { needs, title } from './helpers/needs.js';
import { removeDirectory, temporaryDirectory } from './helpers/sshd.js';

const text = readFileSync(new URL('../docs/access-paths.md', import.meta.url), 'utf8');
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    name: section.split('\n')[0] ?? '',
    yaml: /^```yaml\n(.*?)^```/ms.exec(section)?.[1],
    config: /^```sshconfig\n(.*?)^```/ms.exec(section)?.[1],
  }))
  .filter((section) => section.yaml !== undefined || section.config !== undefined);

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory('docs');
});
afterAll(() => removeDirectory(directory));

it('shows every way twice', () => {
  expect(sections.map((section) => section.name.split(' ')[0])).toEqual([
    'Bastions',
    'AWS',
    'Google',
    'Azure',
    'Teleport',
    'HashiCorp',
    'Cloudflare',
    'step',
  ]);
  for (const section of sections)
    expect([section.name, section.yaml, section.config]).not.toContain(undefined);
});

describe.each(sections)('$name', ({ yaml = '', config = '' }) => {
  it('the inventory loads, and its route has no error of its own', async () => {
    const inventory = loadInventory({ path: 'i.yaml', text: yaml });
    const transport = createTransport('ssh', {
      now: Date.now,
      configFile: 'none',
      home: directory,
      bastion: (name) => [...inventory.hosts, ...inventory.bastions].find((host) => host.name === name),
    });
    for (const host of inventory.hosts) {
      const { problems, user } = await transport.plan(host);
      expect(user).toBe('auditor');
      expect(problems.filter((problem) => !/no key to log in|no host key is known/.test(problem))).toEqual(
        [],
      );
    }
    await transport.close();
  });

  it.skipIf(needs.ssh)(title('ssh reads the ssh_config', needs.ssh), () => {
    const file = join(directory, 'config');
    writeFileSync(file, config);
    const pattern = /^Host (\S+)/.exec(config)?.[1] ?? '';
    const printed = execFileSync('ssh', ['-G', '-T', '-F', file, pattern.replaceAll('*', '1')], {
      encoding: 'utf8',
    });
    expect(printed).toMatch(/^user auditor$/m);
    const own = /^ {2}(ProxyCommand|ProxyJump) (.*)$/m.exec(config);
    if (own) expect(printed).toContain(`${own[1]?.toLowerCase() ?? ''} ${own[2] ?? ''}`);
  });
});
