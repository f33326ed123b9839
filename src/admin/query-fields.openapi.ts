/** What the fields mean that several searches share. */
export const VENDOR_FILTER_FIELDS = {
  vendor: 'Only events of this vendor.',
  kind: 'Only events about such an object.',
  since: 'From this moment on: a date, or a time with its zone, of ISO 8601.',
  until: 'Before this moment.',
} as const;

export const LIMIT_FIELD = { limit: 'How many items at most, up to 500.' } as const;

export const PAGE_FIELDS = {
  ...LIMIT_FIELD,
  cursor: 'The `nextCursor` of the page before, unchanged.',
} as const;
