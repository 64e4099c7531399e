/** A path as a URI reference (RFC 3986): relative stays relative, absolute becomes a file URI. */
export function uriOf(path: string): string {
  const plain = path.replace(/\p{Cs}/gu, '\ufffd').replace(/^(?:\.\/)+/, '');
  const encoded = plain.split('/').map(encodeURIComponent).join('/');
  return encoded.startsWith('/') ? `file://${encoded.replace(/^\/+/, '/')}` : encoded;
}
