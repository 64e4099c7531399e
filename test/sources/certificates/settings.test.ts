import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../../src/inventory/load.js';
import { InventoryErrors } from '../../../src/inventory/problem.js';

const HOSTS = 'hosts: [{ name: web-1, address: 10.0.0.1 }]\nsources:\n';
const LOKI = '  siem: { type: loki, url: "https://l.example", selector: "{job=\\"sshd\\"}" }\n';
const ELASTIC = '  siem: { type: elasticsearch, url: "https://e.example", index: logs }\n';
const VAULT = '  vault: { type: vault, url: "https://v.example" }\n';

/** `line:column message` of every problem; empty when the inventory loads. */
function problems(sources: string): string[] {
  try {
    loadInventory({ path: 'i.yaml', text: `${HOSTS}${sources}` });
  } catch (error) {
    if (!(error instanceof InventoryErrors)) throw error;
    return error.problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`);
  }
  return [];
}

describe('an audit log in the SIEM', () => {
  test.each([
    [`${LOKI}  certificates: { type: siem, selector: '{job="vault"}', window: 20d }`],
    [`${ELASTIC}  certificates: { type: siem, query: "event.dataset: vault", issuance_query: "path: sign" }`],
    [`${LOKI}${VAULT}  certificates: { type: siem, selector: '{job="vault"}', audit_device: file/ }`],
    [
      `${LOKI}${VAULT}  certificates: { type: vault-audit, path: audit.log, audit_device: file, timeout: 5m }`,
    ],
  ])('fits beside the other sources (%#)', (sources) => {
    expect(problems(sources)).toEqual([]);
  });

  test.each([
    [
      '  certificates: { type: siem, selector: "{a=\\"b\\"}" }',
      /^3:\d+ .*it asks the system of sources\.siem, which is not configured/,
    ],
    [
      `${LOKI}  certificates: { type: siem }`,
      /^4:\d+ .*sources\.siem is of type loki: expected selector, which tells where the audit log is/,
    ],
    [
      `${LOKI}  certificates:\n    type: siem\n    search: index=vault`,
      /^6:\d+ .*sources\.siem is of type loki, which has no search/,
    ],
    [`${ELASTIC}  certificates: { type: siem, selector: "{a=\\"b\\"}" }`, /^4:\d+ .*which has no selector/],
    [`${ELASTIC}  certificates: { type: siem }`, /expected index or query/],
    [
      `${LOKI}  certificates: { type: siem, selector: "{a=\\"b\\"}", audit_device: file }`,
      /audit_device|sources\.vault, which is not configured/,
    ],
    [
      `${VAULT}  certificates: { type: vault-audit, path: a, audit_device: file }`,
      /sources\.siem, which is not/,
    ],
    [`${LOKI}  certificates: { type: siem, selector: "{a=\\"b\\"}", window: 60d }`, /window/],
    [`${LOKI}  certificates: { type: siem, selector: "{a=\\"b\\"}", path: x }`, /path/],
    [`${LOKI}${VAULT}  certificates: { type: vault-audit, path: x, audit_device: "../x" }`, /audit device/],
  ])('does not fit, at its line (%#)', (sources, says) => {
    expect(problems(sources)).toEqual([expect.stringMatching(says)]);
  });
});
