/**
 * The least that ssh2 alone costs: log in, run one command, read the answer, judge nothing. `documented`: as its README
 * shows it. `best`: the key parsed once, as an agent, and no proof of every host key asked for after the login. The host
 * key is compared with the one given. With `script`, what ssh-scorecard sends goes to standard input, and comes back what
 * ssh-scorecard gets; with `true`, the command is that, and nothing goes or comes.
 *
 * node bare.mjs documented|best script|true LIST KEY HOSTKEY(base64) SCRIPT CONCURRENCY; LIST holds `address port` lines
 */
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';

const [way, command, list, keyFile, hostKey, scriptFile, concurrency] = process.argv.slice(2);
const collects = command === 'script';
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

/** Whether it was logged in to, and answered. */
function visit(line) {
  const [host, port] = line.split(' ');
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    const chunks = [];
    let bytes = 0;
    let status;
    client.on('error', () => resolve(false));
    client.on('close', () => resolve(status === 0 && (!collects || bytes > 1000)));
    client.on('ready', () =>
      client.exec(collects ? 'exec /bin/sh -s' : 'true', (error, stream) => {
        if (error) return client.end();
        stream.on('data', (chunk) => {
          chunks.push(chunk);
          bytes += chunk.length;
        });
        stream.stderr.resume();
        stream.on('exit', (code) => {
          status = code;
        });
        stream.on('close', () => client.end());
        stream.end(collects ? script : undefined);
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
    while (next < hosts.length) if (await visit(hosts[next++])) answered += 1;
  }),
);
if (answered !== hosts.length) {
  console.error(`${answered} of ${hosts.length} hosts answered`);
  process.exitCode = 1;
}
