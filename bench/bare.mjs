/**
 * The least that ssh2 alone costs: log in, run one command with the collector's script on standard input, read the
 * answer, judge nothing. `documented`: as its README shows it. `best`: the key parsed once, as an agent, and no proof of
 * every host key asked for after the login. The host key is compared with the one given.
 *
 * node bare.mjs documented|best LIST PORT KEY HOSTKEY(base64) SCRIPT CONCURRENCY
 */
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';

const [way, list, port, keyFile, hostKey, scriptFile, concurrency] = process.argv.slice(2);
const hosts = readFileSync(list, 'utf8').trim().split('\n');
const pem = readFileSync(keyFile);
const script = readFileSync(scriptFile);
const expected = Buffer.from(hostKey, 'base64');

class KeyAgent extends ssh2.BaseAgent {
  #parsed = ssh2.utils.parseKey(pem);
  #key = createPrivateKey(this.#parsed.getPrivatePEM());
  getIdentities(done) {
    done(undefined, [this.#parsed]);
  }
  sign(_key, data, options, done) {
    (done ?? options)(undefined, sign(null, data, this.#key));
  }
}
const agent = way === 'best' ? new KeyAgent() : undefined;

function visit(host) {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    const chunks = [];
    let bytes = 0;
    client.on('error', () => resolve(0));
    client.on('close', () => resolve(bytes));
    client.on('ready', () =>
      client.exec('exec /bin/sh -s', (error, stream) => {
        if (error) return client.end();
        stream.on('data', (chunk) => {
          chunks.push(chunk);
          bytes += chunk.length;
        });
        stream.stderr.resume();
        stream.on('close', () => client.end());
        stream.end(script);
      }),
    );
    client.connect({
      host,
      port: Number(port),
      username: 'root',
      hostVerifier: (key) => expected.equals(key),
      ...(agent ? { authHandler: [{ type: 'agent', username: 'root', agent }] } : { privateKey: pem }),
    });
    if (!agent) return;
    const handlers = client._protocol._handlers;
    const original = handlers.GLOBAL_REQUEST;
    handlers.GLOBAL_REQUEST = (self, name, wantReply, data) => {
      if (name !== 'hostkeys-00@openssh.com') return original(self, name, wantReply, data);
      if (wantReply) self.requestSuccess();
    };
  });
}

let next = 0;
let answered = 0;
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    while (next < hosts.length) if ((await visit(hosts[next++])) > 1000) answered += 1;
  }),
);
if (answered !== hosts.length) {
  console.error(`${answered} of ${hosts.length} hosts answered`);
  process.exitCode = 1;
}
