/** What a CA system (Vault, OpenBao) says about its SSH CAs. Values are its own text: unescaped and untrusted. */

export interface CaCustody {
  readonly system: {
    /** `vault` or `openbao`, as configured. */
    readonly type: string;
    readonly url: string;
    readonly version: string | null;
  };
  /** Of every SSH CA in it, sorted, without doubles. */
  readonly publicKeyFingerprints: readonly string[];
  /** Every mount of type ssh that could be seen. */
  readonly mounts: readonly SshMount[];
  /** Null: could not be read. */
  readonly seal: Seal | null;
  /** Null: could not be read. Empty: nothing is logged. */
  readonly auditDevices: readonly AuditDevice[] | null;
  /** How people and machines log in to it. Null: could not be read. */
  readonly authMethods: readonly { readonly path: string; readonly type: string }[] | null;
  /** ACL policies that reach a CA. */
  readonly reach: readonly PolicyReach[];
  /** Policies the inventory names as those of the CA's administrators (`sources.vault.admin_policies`). */
  readonly adminPolicies: readonly string[];
}

export interface SshMount {
  /** Empty for the root namespace, else `team/sub`. */
  readonly namespace: string;
  /** With its final slash: `ssh/`. */
  readonly path: string;
  readonly keys: readonly { readonly type: string; readonly fingerprint: string }[];
  /** Name of the managed key (HSM, KMS) the CA signs with, when the mount says that it does. */
  readonly managedKey: string | null;
  readonly roles: readonly SshRole[];
  /** Seconds; null: could not be read. */
  readonly defaultLease: number | null;
  readonly maxLease: number | null;
}

export interface SshRole {
  readonly namespace: string;
  readonly mount: string;
  readonly name: string;
  /** `ca`, `otp`, `dynamic`. */
  readonly keyType: string;
  readonly allowedUsers: readonly string[];
  readonly allowedUsersTemplate: boolean;
  readonly defaultUser: string;
  readonly defaultUserTemplate: boolean;
  /** Seconds as configured; 0: not set; null: not readable. */
  readonly ttl: number | null;
  readonly maxTtl: number | null;
  /** Seconds: the longest lifetime a requester can get, after the mount's and the system's limits. Null: not known. */
  readonly longest: number | null;
  readonly allowUserCertificates: boolean;
  readonly allowHostCertificates: boolean;
  readonly allowUserKeyIds: boolean;
  /** Null: the version does not know the setting. */
  readonly allowEmptyPrincipals: boolean | null;
  /** Empty: the system's default. */
  readonly keyIdFormat: string;
  /** Empty: the requester may set any. */
  readonly allowedCriticalOptions: readonly string[];
  readonly defaultCriticalOptions: readonly { readonly name: string; readonly value: string }[];
  /** `*`: any. */
  readonly allowedExtensions: readonly string[];
  readonly defaultExtensions: readonly { readonly name: string; readonly value: string }[];
  readonly algorithmSigner: string;
  /** Seconds the start of validity is set back; null: not told. */
  readonly notBefore: number | null;
}

/** With auto-unseal, `threshold` and `shares` are those of the recovery keys. */
export interface Seal {
  readonly type: string;
  readonly threshold: number;
  readonly shares: number;
  readonly recovery: boolean;
  readonly storage: string;
}

export interface AuditDevice {
  readonly path: string;
  readonly type: string;
  /** Not replicated to other clusters. */
  readonly local: boolean;
  /** Secrets are logged in the clear. */
  readonly raw: boolean;
  readonly hmacAccessor: boolean;
}

/** What can be done to a CA with a policy. */
export type CaAct =
  | 'sign'
  | 'issue'
  | 'configure-ca'
  | 'change-role'
  | 'change-mount'
  | 'change-audit'
  | 'change-policy'
  | 'change-login'
  | 'any-token'
  | 'raw-storage';

export interface PolicyReach {
  readonly namespace: string;
  readonly policy: string;
  readonly act: CaAct;
  /** A request path it allows: the witness. */
  readonly path: string;
  /** The pattern in the policy that allows it, as written. */
  readonly rule: string;
  readonly capabilities: readonly string[];
  /** For `sign` and `issue`: the role. */
  readonly role: string | null;
  /** The pattern holds a wildcard. */
  readonly broad: boolean;
  /** Approvals a control group asks for; 0 without one. */
  readonly approvals: number;
}
