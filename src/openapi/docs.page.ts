/** The styles that Swagger UI makes are set by its script, which no policy hinders; its icons are data addresses. */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Swagger UI from this service's own files: it works without the internet, and asks nobody else. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tributary: API</title>
<link rel="stylesheet" href="/docs/ui/swagger-ui.css"></head>
<body><div id="docs"><noscript>This page needs JavaScript; <a href="/docs-json">the document</a> does not.</noscript></div>
<script src="/docs/ui/swagger-ui-bundle.js"></script><script src="/docs/ui/start.js"></script></body></html>
`;

/** Without `validatorUrl: null` the page would send the document's address to a service of others. */
export const START_SCRIPT = `SwaggerUIBundle({
  url: '/docs-json', dom_id: '#docs', validatorUrl: null, deepLinking: true, docExpansion: 'none',
  defaultModelsExpandDepth: 0, displayRequestDuration: true, filter: true, persistAuthorization: false,
});
`;
