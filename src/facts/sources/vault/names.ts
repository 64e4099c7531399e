/** Names under which the answers of Vault and OpenBao are kept: the asker and the parser agree on them here. */

/** Of the whole system, asked without a namespace. */
export const SYSTEM = { health: 'health', seal: 'seal-status' } as const;

export type NamespaceQuestion = 'mounts' | 'audit' | 'auth' | 'namespaces' | 'policies';

/** @param namespace empty for the root namespace. */
export function inNamespace(namespace: string, question: NamespaceQuestion): string {
  return `${namespace}:${question}`;
}

export function policyAnswer(namespace: string, policy: string): string {
  return `${namespace}:policy/${policy}`;
}

/** `issuers`: OpenBao may keep several keys at one mount, and a role names the one it signs with. */
export type MountQuestion = 'public_key' | 'config/ca' | 'issuers' | 'tune' | 'roles';

/** @param mount with its final slash. */
export function ofMount(namespace: string, mount: string, question: MountQuestion): string {
  return `${namespace}:${mount}${question}`;
}

export function roleAnswer(namespace: string, mount: string, role: string): string {
  return `${namespace}:${mount}roles/${role}`;
}

/** Has no text of its own and may do everything; nobody can change it (concepts/policies). */
export const ROOT_POLICY = 'root';
