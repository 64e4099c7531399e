/** Section 6 of the directive: the conditions of closure, and when to switch to another system. */
import type { VNode } from 'preact';
import { evidenceText } from '../judged.js';
import type { Closure, Condition, ConditionState } from '../../src/model.js';
import { Section, Tag } from './parts.js';
import { cut } from './text.js';

const STATE: Readonly<Record<ConditionState, readonly [string, string]>> = {
  met: ['met', 'pass'],
  'not-met': ['not met', 'fail'],
  unproven: ['unproven', 'unknown'],
};

function trigger(fired: boolean | null): readonly [string, string] {
  if (fired === null) return ['cannot tell', 'unknown'];
  return fired ? ['fired', 'fail'] : ['not fired', 'pass'];
}

const MOST_EVIDENCE = 20;

function Table({ of, caption }: { readonly of: readonly Condition[]; readonly caption: string }): VNode {
  return (
    <div class="scroll" role="region" tabIndex={0} aria-label={`Table: ${caption}`}>
      <table class="wide">
        <caption class="vh">{caption}, with their state, the evidence and what is still to provide</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Condition</th>
            <th scope="col">Evidence</th>
            <th scope="col">To provide</th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ title, state, because, evidence = [], provide }) => (
            <tr>
              <td>
                <Tag tone={STATE[state][1]}>{STATE[state][0]}</Tag>
              </td>
              <th scope="row">{cut(title, 300)}</th>
              <td>
                {cut(because)}
                {evidence.length === 0 ? null : (
                  <details>
                    <summary>What it was read from</summary>
                    <ul>
                      {evidence.slice(0, MOST_EVIDENCE).map((one) => (
                        <li>
                          <code>{cut(evidenceText(one), 300)}</code>
                        </li>
                      ))}
                    </ul>
                  </details>
                )}
              </td>
              <td>{state === 'met' || provide === undefined ? '–' : cut(provide)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Conditions({ closure }: { readonly closure: Closure }): VNode {
  const { conditions, beyond } = closure;
  return (
    <Section
      id="closure"
      title="Conditions of closure"
      lead="Section 6.1 of the directive. The migration is closed when every one of them is met."
    >
      <Table of={conditions} caption="Conditions of closure" />
      {beyond.length === 0 ? null : (
        <>
          <h3>What people do then</h3>
          <p class="lead">Not part of the verdict.</p>
          <Table of={beyond} caption="What people do when the conditions are met" />
        </>
      )}
    </Section>
  );
}

export function Triggers({ closure }: { readonly closure: Closure }): VNode | null {
  if (closure.triggers.length === 0) return null;
  return (
    <Section
      id="switch"
      title="Time to switch?"
      lead="Section 6.2: when one of these fires, files on hosts are no longer the right tool."
    >
      <ul class="list">
        {closure.triggers.map(({ title, fired, because }) => {
          const [word, tone] = trigger(fired);
          return (
            <li>
              <p class="what">
                <Tag tone={tone}>{word}</Tag> <b>{cut(title, 300)}</b>
              </p>
              <p class="soft">{cut(because)}</p>
            </li>
          );
        })}
      </ul>
      {closure.recommended.length === 0 ? (
        <p>No trigger fired: nothing else is recommended.</p>
      ) : (
        <p class="note">
          Recommended next: <b>{cut(closure.recommended[0] ?? '', 200)}</b>
          {closure.recommended.length === 1
            ? ''
            : `; then ${closure.recommended
                .slice(1, 10)
                .map((one) => cut(one, 200))
                .join(', ')}`}
        </p>
      )}
    </Section>
  );
}
