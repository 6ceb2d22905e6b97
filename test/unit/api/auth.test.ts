import test from 'ava';
import Fastify from 'fastify';
import { requireToken } from '../../../src/api/auth.js';
import { errorCatalogue, VswitchError } from '../../../src/model/errors.js';

const token = 'correct-horse-battery';

function guarded() {
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    const code = error instanceof VswitchError ? errorCatalogue[error.code].status : 500;
    return reply.code(code).send({});
  });
  requireToken(app, token);
  app.get('/', async () => 'in');
  return app;
}

const status = async (authorization?: string) =>
  (await guarded().inject({ url: '/', headers: authorization === undefined ? {} : { authorization } })).statusCode;

test('the right token is let in', async (t) => {
  t.is(await status(`Bearer ${token}`), 200);
  t.is(await status(`bearer ${token}`), 200);
});

for (const header of [
  undefined,
  '',
  'Bearer',
  'Bearer ',
  `Basic ${token}`,
  token,
  `Bearer ${token}x`,
  `Bearer ${token.slice(1)}`,
  `Bearer ${token} more`,
]) {
  test(`refused: ${header === undefined ? 'no header' : JSON.stringify(header)}`, async (t) => {
    t.is(await status(header), 401);
  });
}

test('what does not exist is behind the token too', async (t) => {
  t.is((await guarded().inject({ url: '/nothing' })).statusCode, 401);
});
