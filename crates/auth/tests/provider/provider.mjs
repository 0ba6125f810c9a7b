// Two OpenID Connect providers over TLS for the tests, with npm oidc-provider. Says their two ports, and ends with its standard input, when it removes the
// folder of its certificate.
// The first puts the address of e-mail into the ID token, the other into the further claims alone.
//
// node provider.mjs FOLDER CHAIN KEY MILLISECONDS: the folder with node_modules, certificate and key, and the time that it always is.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, cert, key, now] = process.argv.slice(2);
Date.now = () => Number(now);
// Nobody reads on after the ports.
for (const name of ['log', 'info', 'warn']) console[name] = () => {};
const module = join(folder, 'node_modules/oidc-provider/lib/index.js');
const { Provider } = await import(pathToFileURL(module).href);

const jwk = (type, options, alg) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig' });
const common = {
  redirect_uris: ['http://127.0.0.1/', 'https://dash.example/back'],
  application_type: 'native',
  grant_types: ['authorization_code'],
  response_types: ['code'],
};
const clients = [
  { ...common, client_id: 'coda', client_secret: 'a secret of 32 bytes and no more', token_endpoint_auth_method: 'client_secret_basic' },
  { ...common, client_id: 'public', token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' },
];

// "ADDRESS", "unverified:ADDRESS", or "nameless" for somebody without an address.
const claims = (sub) => {
  const unverified = sub.startsWith('unverified:');
  const email = unverified ? sub.slice('unverified:'.length) : sub;
  return sub === 'nameless' ? { sub } : { sub, email, email_verified: !unverified };
};

const start = (conformIdTokenClaims) =>
  new Promise((resolve) => {
    let serve;
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => serve(request, response));
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      const provider = new Provider(`https://127.0.0.1:${port}`, {
        clients,
        claims: { email: ['email', 'email_verified'] },
        conformIdTokenClaims,
        cookies: { keys: ['of this test'] },
        findAccount: (_, accountId) => ({ accountId, claims: () => claims(accountId) }),
        jwks: { keys: [jwk('rsa', { modulusLength: 2048 }, 'RS256'), jwk('ec', { namedCurve: 'P-256' }, 'ES256')] },
      });
      serve = provider.callback();
      resolve(port);
    });
  });

const ports = [await start(false), await start(true)];
process.stdout.write(`${ports.join(' ')}\n`);
process.stdin.resume().on('end', () => {
  rmSync(dirname(cert), { recursive: true });
  process.exit(0);
});
