/** What concerns accounts and can be watched (Zoho CRM: Notification APIs, supported modules). */
export const DEFAULT_MODULES = ['Accounts', 'Contacts', 'Deals', 'Tasks', 'Events', 'Calls'] as const;

/** `Activities` is no module of its own. */
export const EXPANSIONS: Readonly<Record<string, readonly string[]>> = {
  Activities: ['Tasks', 'Events', 'Calls'],
};

export const UNWATCHABLE: Readonly<Record<string, string>> = {
  Notes: 'Zoho cannot watch notes: reconciliation reads them every hour',
};
