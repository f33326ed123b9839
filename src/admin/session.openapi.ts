import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { exactly, objectOf, oneOf, text } from '../openapi/schema.js';
import { SessionRequest } from './session.request.js';

const cookie = (description: string) => ({ 'set-cookie': text(description) });

export const SESSION_API = apiDoc({
  tag: { name: 'Session', description: 'A token becomes a cookie, for people with a browser.' },
  routes: {
    page: {
      summary: 'The page to sign in on',
      answers: {
        200: { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } },
      },
    },
    begin: {
      summary: 'Sign in',
      description:
        'Only for pages of this address: the browser must say so (`Origin`). It lasts twelve hours.',
      body: {
        ...checkedClass(SessionRequest, { token: 'A token of `ADMIN_TOKENS` or `READER_TOKENS`.' }),
        examples: { admin: { token: '<a token of at least 32 characters>' } },
      },
      answers: {
        200: {
          ...json(
            'The session has begun.',
            objectOf<{ name: string; level: string }>({
              name: text('Of the token.'),
              level: oneOf(['admin', 'reader'], 'What it may do.'),
            }),
            { name: 'anna', level: 'admin' },
          ),
          headers: cookie('The session: HttpOnly, SameSite=Strict.'),
        },
      },
      security: ['body'],
      errors: ['ACCESS.DENIED', 'ACCESS.FORBIDDEN', 'ACCESS.NOT_CONFIGURED', 'ACCESS.TOO_MANY_FAILURES'],
    },
    end: {
      summary: 'Sign out',
      answers: {
        200: {
          ...json('There is no session any more.', objectOf<{ ended: true }>({ ended: exactly(true) }), {
            ended: true,
          }),
          headers: cookie('Takes the cookie back.'),
        },
      },
      errors: ['ACCESS.FORBIDDEN'],
    },
  },
});
