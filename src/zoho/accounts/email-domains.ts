/** Providers whose addresses say nothing about where somebody works. */
const FREE_MAIL = new Set(
  `gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it live.com
  live.co.uk msn.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.fr yahoo.de yahoo.it yahoo.es
  yahoo.com.br ymail.com rocketmail.com icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me
  zoho.com zohomail.com zohomail.eu mail.com email.com gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de
  freenet.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tin.it mail.ru yandex.ru
  yandex.com bk.ru inbox.ru list.ru qq.com 163.com 126.com sina.com naver.com daum.net hanmail.net rediffmail.com
  comcast.net verizon.net att.net sbcglobal.net cox.net charter.net bellsouth.net earthlink.net btinternet.com
  sky.com virginmedia.com bigpond.com optusnet.com.au uol.com.br bol.com.br terra.com.br hey.com fastmail.com
  tutanota.com hushmail.com`.split(/\s+/),
);

/** An address in the form in which it is compared; null for what is none. */
export function emailAddress(text: string): string | null {
  const address = text.trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) ? address : null;
}

/** The domain of an address that tells a company; null for free mail and for what is no address. */
export function companyDomainOf(text: string): string | null {
  const domain = emailAddress(text)?.split('@')[1] ?? null;
  return domain === null || FREE_MAIL.has(domain) ? null : domain;
}

/** The domain of a website as people type it into a CRM: with or without scheme, `www.` and path. */
export function websiteDomain(text: string): string | null {
  const trimmed = text.trim().toLowerCase();
  const address = /^https?:\/\//.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(address)) return null;
  const domain = new URL(address).hostname.replace(/^www\./, '');
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain) && !FREE_MAIL.has(domain) ? domain : null;
}

/** A domain and those above it, the most special first: `eu.acme.example` is acme.example's too. */
export function domainAndParents(domain: string): string[] {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_label, index) => labels.slice(index).join('.'));
}
