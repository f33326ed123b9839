import type { ZohoDataCentre } from '../../config/app-config.js';

interface DataCentre {
  readonly accountsUrl: string;
  readonly apiHost: string;
}

/** Zoho's data centres (zoho.com/crm/developer/docs/api/v8/multi-dc.html; uk and ae as Zoho names them elsewhere). */
const DATA_CENTRES: Readonly<Record<ZohoDataCentre, DataCentre>> = {
  us: { accountsUrl: 'https://accounts.zoho.com', apiHost: 'zohoapis.com' },
  eu: { accountsUrl: 'https://accounts.zoho.eu', apiHost: 'zohoapis.eu' },
  in: { accountsUrl: 'https://accounts.zoho.in', apiHost: 'zohoapis.in' },
  au: { accountsUrl: 'https://accounts.zoho.com.au', apiHost: 'zohoapis.com.au' },
  jp: { accountsUrl: 'https://accounts.zoho.jp', apiHost: 'zohoapis.jp' },
  cn: { accountsUrl: 'https://accounts.zoho.com.cn', apiHost: 'zohoapis.com.cn' },
  ca: { accountsUrl: 'https://accounts.zohocloud.ca', apiHost: 'zohoapis.ca' },
  sa: { accountsUrl: 'https://accounts.zoho.sa', apiHost: 'zohoapis.sa' },
  uk: { accountsUrl: 'https://accounts.zoho.uk', apiHost: 'zohoapis.uk' },
  ae: { accountsUrl: 'https://accounts.zoho.ae', apiHost: 'zohoapis.ae' },
};

const API_HOSTS = new Set(
  Object.values(DATA_CENTRES).flatMap(({ apiHost }) =>
    ['www', 'sandbox', 'developer'].map((kind) => `${kind}.${apiHost}`),
  ),
);

/** Where tokens of a data centre come from. */
export function accountsUrlOf(dataCentre: ZohoDataCentre): string {
  return DATA_CENTRES[dataCentre].accountsUrl;
}

/** Whether an `api_domain` is one of Zoho's own: the token is sent there, so no other is believed. */
export function isZohoApiDomain(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === 'https:' && API_HOSTS.has(host);
}
