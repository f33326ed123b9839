/** FNV-1a over the letters of a text, or of a part of it, as a 32-bit integer. */
export function letterHash(text: string, from = 0, end = text.length): number {
  let hash = 2166136261;
  for (let at = from; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return hash | 0;
}
