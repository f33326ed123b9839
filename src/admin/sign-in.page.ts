import { createHash } from 'node:crypto';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem}
input,button{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.25rem 0}`;

const SCRIPT = `const form=document.querySelector('form'),said=document.querySelector('#said');
form.addEventListener('submit',async(event)=>{event.preventDefault();
const answer=await fetch('/admin/session',{method:'POST',headers:{'content-type':'application/json'},
body:JSON.stringify({token:form.elements.token.value})});const body=await answer.json();form.reset();
said.textContent=answer.ok?'Signed in as '+body.name+' ('+body.level+').':body.detail;});
document.querySelector('#out').addEventListener('click',async()=>{
await fetch('/admin/session',{method:'DELETE'});said.textContent='Signed out.';});`;

const sourceHash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but the page's own script and style runs, and nobody may frame it. */
export const SIGN_IN_POLICY = [
  "default-src 'none'",
  `script-src ${sourceHash(SCRIPT)}`,
  `style-src ${sourceHash(STYLE)}`,
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** A page without any dependency: a token in, a session cookie out. */
export const SIGN_IN_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tributary: sign in</title><style>${STYLE}</style></head>
<body><h1>Tributary</h1>
<form><label>Token <input name="token" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form>
<p id="said" role="status"></p>
<p><button id="out" type="button">Sign out</button></p>
<ul><li><a href="/admin/events">Events</a></li><li><a href="/admin/dead-letters">Dead letters</a></li>
<li><a href="/admin/queues">Queues</a></li><li><a href="/admin/replays">Replays</a></li>
<li><a href="/admin/audit">Audit log</a></li></ul>
<script>${SCRIPT}</script></body></html>
`;
