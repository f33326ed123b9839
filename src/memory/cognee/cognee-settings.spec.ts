import { loadConfig } from '../../config/load-config.js';
import { cogneeSettings } from './cognee-settings.js';

const settingsOf = (environment: Record<string, string>) =>
  cogneeSettings(loadConfig({ MEMORY: 'cognee', COGNEE_API_URL: 'http://cognee:8000', ...environment }));

describe('where Cognee is', () => {
  it.each([
    'http://cognee:8000',
    'http://cognee:8000/',
    'http://cognee:8000/api',
    'http://cognee:8000/api/v1',
    'http://cognee:8000/api/v1//',
  ])('is the same for %s', (url) => {
    expect(settingsOf({ COGNEE_API_URL: url }).baseUrl).toBe('http://cognee:8000');
  });
});

describe('who we are to Cognee', () => {
  it.each([
    [{}, { type: 'none' }],
    [{ COGNEE_API_KEY: 'k' }, { type: 'api-key', apiKey: 'k' }],
    [
      { COGNEE_USERNAME: 'u', COGNEE_PASSWORD: 'p' },
      { type: 'login', username: 'u', password: 'p' },
    ],
  ])('is said by %j', (environment, credentials) => {
    expect(settingsOf(environment).credentials).toEqual(credentials);
  });
});
