import { createHash } from 'node:crypto';
import type { AccountDocument } from '../../contracts/ports/memory.port.js';

/** A document as it goes to Cognee. */
export interface CogneeUpload {
  /** Named by its contents, because older servers let a file of the same name take the other's place. */
  readonly fileName: string;
  readonly text: string;
  /** sha256 in hex of the text; changes with the document, its name and its labels. */
  readonly fingerprint: string;
  readonly nodeSets: readonly string[];
}

/** The node set of an account; Cognee gives each chunk the node sets of its document. */
export const ACCOUNT_SET = 'account:';

const GROUPS = 'Groups: ';
const SEPARATOR = ', ';

/**
 * The upload of a document. Its first line names the account: Cognee takes equal bytes for one document, so
 * two accounts that say the same must differ, and an answer's text must tell whose it is.
 */
export function uploadOf({ accountId, accountName, labels, text }: AccountDocument): CogneeUpload {
  const groups = labels.length > 0 ? `${GROUPS}${labels.join(SEPARATOR)}\n` : '';
  const name = accountName.replace(/\s+/g, ' ');
  const upload = `${name} (account ${accountId})\n${groups}\n${text}`;
  const fingerprint = createHash('sha256').update(upload).digest('hex');
  return {
    fileName: `account_${accountId.replace(/[^\w-]/g, '_')}_${fingerprint.slice(0, 16)}.txt`,
    text: upload,
    fingerprint,
    nodeSets: [ACCOUNT_SET + accountId, ...labels],
  };
}

/** What an upload was made of: its heading ends with the first empty line. A label with a comma in it becomes two. */
export function uploadedText(upload: string): Pick<AccountDocument, 'text' | 'labels'> {
  const end = upload.indexOf('\n\n');
  const [, groups = ''] = upload.slice(0, end).split('\n');
  const labels = groups.startsWith(GROUPS) ? groups.slice(GROUPS.length).split(SEPARATOR) : [];
  return { text: upload.slice(end + 2), labels };
}
