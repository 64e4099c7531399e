/** What an SSH server offers to agree on, as read on the wire. */

/** A host key the server showed or listed. */
export interface HostKeySeen {
  /** `ssh-ed25519`, `ssh-rsa` …: of a certificate, that of the key inside. */
  readonly type: string;
  /** As `ssh-keygen -l` prints it. */
  readonly bits: number;
  readonly fingerprint: string;
}

/** Names in the server's order, both directions together, without doubles. Its own text: untrusted. */
export interface AlgorithmOffer {
  readonly kex: readonly string[];
  readonly hostKey: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  readonly compression: readonly string[];
  /** `kex-strict-s-v00@openssh.com` is among them: the answer to CVE-2023-48795 (Terrapin). */
  readonly strictKex: boolean;
  readonly hostKeys: readonly HostKeySeen[];
  /** `SSH-2.0-…`; empty when it was not kept. */
  readonly serverVersion: string;
}
