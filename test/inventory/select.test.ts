import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.js';
import { loadInventory } from '../../src/inventory/load.js';
import { selectHosts, type Selection } from '../../src/inventory/select.js';

const { hosts } = loadInventory({
  path: 'i',
  text: `hosts:
- { name: web01, tags: [web, eu], environment: production }
- { name: web02, tags: [web, us], environment: production }
- { name: web10, tags: [web], environment: staging }
- { name: db-a, tags: [db, eu], environment: production }
- { name: Lone }
`,
});

const names = (selection: Selection): string[] => selectHosts(hosts, selection).map(({ name }) => name);

function refusal(selection: Selection): string {
  try {
    selectHosts(hosts, selection);
  } catch (error) {
    if (error instanceof UserError) return `${error.message} (${error.hint ?? ''})`;
    throw error;
  }
  throw new Error('something was selected');
}

describe('selection', () => {
  it.each<[Selection, string[]]>([
    [{}, ['Lone', 'db-a', 'web01', 'web02', 'web10']],
    [{ host: [], tag: [] }, ['Lone', 'db-a', 'web01', 'web02', 'web10']],
    [{ host: ['web01'] }, ['web01']],
    [{ host: ['WEB01', 'lone'] }, ['Lone', 'web01']],
    [{ host: ['web[01-09],db-*'] }, ['db-a', 'web01', 'web02']],
    [{ host: ['web[01,10]'] }, ['web01', 'web10']],
    [{ host: ['web*', '!web02'] }, ['web01', 'web10']],
    [{ host: ['!web*'] }, ['Lone', 'db-a']],
    [{ tag: ['eu'] }, ['db-a', 'web01']],
    [{ tag: ['eu,us'], environment: ['production'] }, ['db-a', 'web01', 'web02']],
    [{ tag: ['web'], environment: ['!staging'] }, ['web01', 'web02']],
    [{ environment: ['prod*'], host: ['web*'] }, ['web01', 'web02']],
  ])('%j', (selection, expected) => {
    expect(names(selection)).toEqual(expected);
  });

  it.each<[Selection, RegExp]>([
    [{ host: ['wbe01'] }, /--host "wbe01" matches no host of the inventory \(did you mean web01/],
    [{ host: ['web*', 'nothing-like-it'] }, /"nothing-like-it" matches no host .*\(there is Lone, db-a,/],
    [{ host: ['web*', '!wbe02'] }, /--host "wbe02" matches no host/],
    [{ tag: ['Web'] }, /--tag "Web" matches no host .*did you mean web\?/],
    [{ environment: ['prod'] }, /--environment "prod" matches no host/],
    [{ tag: ['db'], host: ['web*'] }, /no host matches them all/],
    [{ host: ['web*', '!web*'] }, /no host matches them all/],
    [{ host: ['web01,,db-a'] }, /empty pattern/],
    [{ host: [''] }, /empty pattern/],
    [{ host: ['!'] }, /empty pattern/],
  ])('%j is refused', (selection, expected) => {
    expect(refusal(selection)).toMatch(expected);
  });

  it('says when no host has what is asked for', () => {
    const bare = hosts.filter(({ name }) => name === 'Lone');
    expect(() => selectHosts(bare, { tag: ['x'] })).toThrow(/matches no host/);
  });
});
