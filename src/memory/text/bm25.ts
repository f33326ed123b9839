/** The usual constants of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009). */
const SATURATION = 1.2;
const LENGTH_INFLUENCE = 0.75;

/** How much a term tells: rare ones tell more. Never negative, so that one document alone can be found too. */
export function rarityOf(documentsWithTerm: number, documents: number): number {
  return Math.log(1 + (documents - documentsWithTerm + 0.5) / (documentsWithTerm + 0.5));
}

/**
 * How strongly a text speaks of a term that it has `count` times: more is more, but less and less so, and
 * a long text has to say it oftener.
 * @param relativeLength the text's length divided by the usual length.
 */
export function strengthOf(count: number, relativeLength: number): number {
  const ease = 1 - LENGTH_INFLUENCE + LENGTH_INFLUENCE * relativeLength;
  return (count * (SATURATION + 1)) / (count + SATURATION * ease);
}
