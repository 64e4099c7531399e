/** The access report as one section of a page: the four questions in order. */
import type { VNode } from 'preact';
import type { AccessDigest } from '../../../src/model.js';
import { Section } from '../../html/parts.js';
import { count, day, digits } from '../../html/text.js';
import { Changed, NotKnown } from './changed.js';
import { Did } from './did.js';
import { May, Unused } from './may.js';
import { Why } from './why.js';
import { METHOD_ORDER } from './words.js';

export function AccessSection({ of }: { readonly of: AccessDigest }): VNode {
  const { window, hosts, pseudonymised } = of;
  const silent = hosts.total - hosts.read;
  return (
    <Section
      id="access"
      title="Access"
      lead={`Who may log in, who did, why, and what changed: ${day(window.from)} to ${day(window.to)}, UTC. Told, not judged: it is in no score and in no verdict.${pseudonymised ? ' Names and addresses are pseudonyms.' : ''}`}
    >
      <Numbers of={of} />
      {silent === 0 ? null : (
        <p class="note">
          {count(silent, 'host')} of {digits(hosts.total)} told nothing of this: not gathered, not asked, or
          not understood.
        </p>
      )}
      <May of={of} />
      <Did of={of} />
      <Unused of={of} />
      <Why of={of} />
      <Changed of={of} />
      <NotKnown of={of} />
    </Section>
  );
}

function Numbers({ of }: { readonly of: AccessDigest }): VNode {
  const { may, unused, logins, why, changed, strangers } = of;
  const all = METHOD_ORDER.reduce((sum, method) => sum + logins[method], 0);
  const share = all === 0 ? '–' : `${Math.floor((logins.certificate * 100) / all)}%`;
  const unapproved = why.states['not-approved'] + why.states.outside + why.states['self-approved'];
  const tiles: readonly (readonly [string, string])[] = [
    [digits(may.total), 'ways in'],
    [digits(unused.total), 'never used in the window'],
    [digits(all), 'logins'],
    [share, 'by certificate'],
    [digits(strangers), 'of identities nobody knows'],
    [digits(why.breakGlass), 'by emergency key'],
    [why.configured ? digits(unapproved) : '–', 'not let in by somebody else'],
    [digits(changed.effects.altered), 'sessions altered something'],
  ];
  return (
    <div class="numbers">
      <div class="tiles">
        {tiles.map(([value, words]) => (
          <div>
            <b>{value}</b>
            <span>{words}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
