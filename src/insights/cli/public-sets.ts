/** A sentence of EmailIntentDataSet: lines of `Yes<TAB>sentence` or `No<TAB>sentence`. */
export function intentSentences(file: string): { readonly text: string; readonly isAsk: boolean }[] {
  return rowsOf(file).flatMap((row) => {
    const [label, ...text] = row.split('\t');
    const isKnown = label === 'Yes' || label === 'No';
    return isKnown ? [{ text: text.join('\t'), isAsk: label === 'Yes' }] : [];
  });
}

/** NatCS (DSTC11 track 2): one JSON object a line; leaving is one of three intents. */
export function natcsUtterances(file: string): { readonly text: string; readonly isChurn: boolean }[] {
  return rowsOf(file).map((row) => {
    const { utterance, intent } = JSON.parse(row) as { utterance: string; intent: string };
    return { text: utterance, isChurn: /^(CancelPlan|CloseBankAccount|CloseAccount)$/.test(intent) };
  });
}

/** BANKING77: `text,category`, with quotes where the text has commas or line breaks. */
export function bankingUtterances(file: string): { readonly text: string; readonly isChurn: boolean }[] {
  return [...file.matchAll(CSV_ROW)].slice(1).map(([, quoted, plain, category]) => ({
    text: quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
    isChurn: category === 'terminate_account',
  }));
}

const CSV_ROW = /(?:"((?:[^"]|"")*)"|([^",\n]*)),(\w+\??)\r?(?:\n|$)/g;

/** The rated sets of VADER: `id<TAB>mean rating<TAB>text`, -4 to 4. */
export function ratedTexts(file: string): { readonly text: string; readonly rating: number }[] {
  return rowsOf(file).flatMap((row) => {
    const [, rating, ...text] = row.split('\t');
    return rating === undefined || Number.isNaN(Number(rating))
      ? []
      : [{ text: text.join('\t'), rating: Number(rating) }];
  });
}

/** Senti4SD: `id;negative|neutral|positive;text`. */
export function senti4sdTexts(file: string): { readonly text: string; readonly label: string }[] {
  return rowsOf(file).flatMap((row) => {
    const [, label, ...text] = row.split(';');
    return label === undefined ? [] : [{ text: text.join(';'), label: label.toLowerCase() }];
  });
}

function rowsOf(file: string): string[] {
  return file.split(/\r?\n/).filter((row) => row.trim() !== '');
}
