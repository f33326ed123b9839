/** A notification channel of Zoho CRM as we keep it; its token is shown once, when it is made. */
export interface ZohoChannel {
  /** Digits. */
  readonly id: string;
  readonly module: string;
  /** `Accounts.all`, `Accounts.create`, … */
  readonly events: readonly string[];
  readonly notifyUrl: string;
  readonly isEnabled: boolean;
  /** As Zoho said it, ISO 8601 in UTC; null until Zoho has confirmed the channel. */
  readonly expiresAt: string | null;
  /** Fingerprint of its token, as rows name it in SIGNING_KEY_ID. */
  readonly tokenId: string;
  /** When an event came by it last; null for never. */
  readonly lastEventAt: string | null;
  /** Why Zoho did not take it the last time; null when it did. */
  readonly problem: string | null;
}

/** A channel with a token that was just made. */
export interface ZohoChannelWithToken extends ZohoChannel {
  readonly token: string;
}

/** What was asked of one module, and what came of it. */
export interface ZohoChannelOutcome {
  readonly module: string;
  readonly outcome: 'registered' | 'exists' | 'refused' | 'cannot_be_watched' | 'expanded';
  readonly channel: ZohoChannelWithToken | ZohoChannel | null;
  readonly reason: string | null;
}

export interface ZohoChannelHealth {
  readonly isHealthy: boolean;
  readonly channels: readonly (ZohoChannel & {
    readonly expiresInSeconds: number | null;
    /** How Zoho's own list differs: `missing_at_zoho`, `expiry_differs`, `events_differ`, `address_differs`. */
    readonly drift: readonly string[];
  })[];
  /** Channels at Zoho that send to our address and are not in our registry. */
  readonly unknownAtZoho: readonly string[];
}

export interface ZohoChannelWish {
  readonly module: string;
  readonly operations?: readonly ('create' | 'edit' | 'delete' | 'all')[];
}

/** Why channels are renewed: how many were, and which could not be. */
export interface ZohoRenewals {
  readonly renewed: readonly string[];
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Registers and keeps alive the channels by which Zoho CRM notifies us. Changes throw AppError
 * `CHANNELS.NOT_CONFIGURED` without SECRETS_KEY, WEBHOOK_BASE_URL or credentials, `CHANNELS.REFUSED` where Zoho
 * will not, `ZOHO.*` where it cannot be asked.
 */
export interface ZohoChannels {
  list(): Promise<ZohoChannel[]>;
  find(id: string): Promise<ZohoChannel | undefined>;
  register(wish: ZohoChannelWish): Promise<ZohoChannelOutcome[]>;
  /** What can be watched of what concerns accounts; channels that are there stay. */
  registerDefaults(): Promise<ZohoChannelOutcome[]>;
  change(
    id: string,
    change: { readonly operations?: ZohoChannelWish['operations']; readonly isEnabled?: boolean },
  ): Promise<ZohoChannel | undefined>;
  remove(id: string): Promise<boolean>;
  renew(id: string): Promise<ZohoChannel | undefined>;
  /** The old token is accepted for a day longer. */
  rotateToken(id: string): Promise<ZohoChannelWithToken | undefined>;
  health(): Promise<ZohoChannelHealth>;
  /** Renews what expires within two days, has expired, or is not at Zoho as it is here. Does nothing when not configured. */
  renewDue(): Promise<ZohoRenewals>;
}

export const ZohoChannels = Symbol('ZohoChannels');
