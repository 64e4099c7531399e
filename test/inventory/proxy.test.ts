import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';
import { InventoryErrors } from '../../src/inventory/problem.js';
import type { Host } from '../../src/model.js';

const load = (text: string): ReturnType<typeof loadInventory> => loadInventory({ path: 'i.yaml', text });
const first = (text: string): Pick<Host, 'proxyCommand' | 'jump'> => {
  const [host] = load(text).hosts;
  if (!host) throw new Error('no host');
  return { jump: host.jump, ...(host.proxyCommand === undefined ? {} : { proxyCommand: host.proxyCommand }) };
};
const problems = (text: string): string[] => {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof InventoryErrors)) throw error;
    return error.problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`);
  }
  return [];
};

describe('which way leads to a host', () => {
  it.each<[string, string, object]>([
    ['its own', 'hosts: [{ name: a, proxy_command: nc %h %p }]', { proxyCommand: 'nc %h %p', jump: [] }],
    [
      'the default',
      'defaults: { proxy_command: x %h }\nhosts: [{ name: a }]',
      { proxyCommand: 'x %h', jump: [] },
    ],
    [
      'its own instead of the default',
      'defaults: { proxy_command: x }\nhosts: [{ name: a, proxy_command: y }]',
      { proxyCommand: 'y', jump: [] },
    ],
    [
      'its own instead of the default’s jump hosts',
      'defaults: { jump: b.de }\nhosts: [{ name: a, proxy_command: y }]',
      { proxyCommand: 'y', jump: [] },
    ],
    [
      'its jump hosts instead of the default',
      'defaults: { proxy_command: x }\nhosts: [{ name: a, jump: b.de }]',
      { jump: ['b.de'] },
    ],
    ['directly', 'defaults: { proxy_command: x }\nhosts: [{ name: a, jump: [] }]', { jump: [] }],
    [
      'directly, whatever ssh_config says',
      'defaults: { proxy_command: x }\nhosts: [{ name: a, proxy_command: none }]',
      { proxyCommand: 'none', jump: [] },
    ],
  ])('%s', (_what, text, expected) => {
    expect(first(text)).toEqual(expected);
  });

  it('bastions have their own', () => {
    const { bastions } = load(
      'defaults: { proxy_command: x }\nhosts: [{ name: a, jump: b }]\nbastions: [{ name: b, proxy_command: y %h }]',
    );
    expect(bastions[0]?.proxyCommand).toBe('y %h');
  });
});

describe('mistakes', () => {
  it.each([
    ['both ways', 'hosts: [{ name: a, jump: b.de, proxy_command: x }]', /exclude each other/],
    [
      'both ways by default',
      'defaults: { jump: b.de, proxy_command: x }\nhosts: [{ name: a }]',
      /^1:\d+ .*exclude/,
    ],
    ['a token nobody knows', 'hosts: [{ name: a, proxy_command: "x %C" }]', /"%C" means nothing here/],
    ['a lone percent sign', 'hosts: [{ name: a, proxy_command: "x 100%" }]', /%% for a percent sign/],
    ['two lines', 'hosts: [{ name: a, proxy_command: "x\\ny" }]', /expected one command line/],
    ['nothing', 'hosts: [{ name: a, proxy_command: "" }]', /expected one command line/],
  ])('%s', (_what, text, message) => {
    expect(problems(text)).toEqual([expect.stringMatching(message)]);
  });

  it('none beside jump hosts is no contradiction', () => {
    expect(problems('hosts: [{ name: a, jump: b.de, proxy_command: none }]')).toEqual([]);
  });
});

it('transports', () => {
  expect(
    load('hosts: [{ name: a, transport: auto }, { name: b, transport: openssh }]').hosts.map(
      (host) => host.transport,
    ),
  ).toEqual(['auto', 'openssh']);
});
