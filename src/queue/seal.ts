/**
 * Evidence on its way through the queue: only the run that asked for it can read it, and with a queue key only who
 * holds that key can have made it. X25519 (RFC 7748) with a fresh key for every message, HKDF-SHA256 (RFC 5869),
 * AES-256-GCM (NIST SP 800-38D).
 *
 *   sealed = sender's public key (32 bytes) | nonce (12) | tag (16) | ciphertext
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';

const [KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 12, 16];
/** SubjectPublicKeyInfo of an X25519 key (RFC 8410) before the key itself. */
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

/** The key pair of one run: made when it begins, never written anywhere, gone when it ends. */
export interface Recipient {
  /** 32 bytes, base64url: goes to the workers. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function createRecipient(): Recipient {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return { publicKey: rawPublic(publicKey).toString('base64url'), privateKey };
}

/** @param header goes along in the open, and is protected against change. @param queueKey the shared secret, if there is one. */
export function seal(
  plain: Uint8Array,
  header: Uint8Array,
  recipient: string,
  queueKey: string | undefined,
): Buffer {
  const to = Buffer.from(recipient, 'base64url');
  const own = generateKeyPairSync('x25519');
  const from = rawPublic(own.publicKey);
  const shared = diffieHellman({ privateKey: own.privateKey, publicKey: publicFromRaw(to) });
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', messageKey(shared, from, to, queueKey), nonce);
  cipher.setAAD(header);
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([from, nonce, cipher.getAuthTag(), text]);
}

/** Null when it was sealed for another run, with another queue key, or changed on the way. Never throws. */
export function unseal(
  sealed: Uint8Array,
  header: Uint8Array,
  recipient: Recipient,
  queueKey: string | undefined,
): Buffer | null {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < KEY_BYTES + NONCE_BYTES + TAG_BYTES) return null;
  const from = bytes.subarray(0, KEY_BYTES);
  const nonce = bytes.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES);
  const tag = bytes.subarray(KEY_BYTES + NONCE_BYTES, KEY_BYTES + NONCE_BYTES + TAG_BYTES);
  try {
    const shared = diffieHellman({
      privateKey: recipient.privateKey,
      publicKey: publicFromRaw(from),
    });
    const to = Buffer.from(recipient.publicKey, 'base64url');
    const key = messageKey(shared, from, to, queueKey);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(header).setAuthTag(tag);
    const text = bytes.subarray(KEY_BYTES + NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(text), decipher.final()]);
  } catch {
    return null;
  }
}

/** What proves that a task came from somebody with the queue key. Hex. */
export function taskMac(text: string, queueKey: string): string {
  return createHmac('sha256', saltOf(queueKey)).update('ssh-scorecard task 1\n').update(text).digest('hex');
}

export function sameMac(one: string, other: string): boolean {
  const [a, b] = [one, other].map((mac) => createHash('sha256').update(mac).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function messageKey(shared: Buffer, from: Buffer, to: Buffer, queueKey: string | undefined): Buffer {
  const info = Buffer.concat([Buffer.from('ssh-scorecard evidence 1'), from, to]);
  const salt = queueKey === undefined ? Buffer.alloc(0) : saltOf(queueKey);
  return Buffer.from(hkdfSync('sha256', shared, salt, info, 32));
}

function saltOf(queueKey: string): Buffer {
  return createHash('sha256').update('ssh-scorecard queue key\n').update(queueKey).digest();
}

function rawPublic(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

/** @throws for anything but 32 bytes. */
function publicFromRaw(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}
