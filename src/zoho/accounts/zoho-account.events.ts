import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';
import type { VendorEvent } from '../../contracts/event.js';
import type { JsonObject } from '../../contracts/json.js';
import { AccountSync, syncCauseOf } from '../../contracts/ports/account-sync.port.js';
import type { Enriched } from '../../contracts/ports/vendor-adapter.port.js';
import { isKnownModule, type ZohoModule, type ZohoOperation } from '../zoho-modules.js';
import { carriedValues, zohoNotification } from '../zoho-notification.js';
import { isRecordId } from '../zoho-values.js';
import { ZohoAccountIndex } from './zoho-account.index.js';
import { ZohoEventRouter } from './zoho-event.router.js';
import { isForced, isIgnored } from './zoho-links.js';

/** A change of a record that may concern an account. */
interface Change {
  readonly module: ZohoModule;
  readonly operation: ZohoOperation | null;
  readonly recordId: string;
  readonly changedFields: readonly string[];
}

/** From a notification to the request that the accounts it concerns be synced. */
@Injectable()
export class ZohoAccountEvents {
  constructor(
    private readonly router: ZohoEventRouter,
    private readonly index: ZohoAccountIndex,
    @Inject(AccountSync) private readonly accountSync: AccountSync,
    private readonly config: AppConfig,
  ) {}

  /** Whether a record must be looked up to find its account. */
  asksApi(module: string | null): boolean {
    return (
      this.config.hasZohoCredentials && module !== null && module !== 'Accounts' && isKnownModule(module)
    );
  }

  /**
   * @returns `finished`, once the requests are durable, with a reason that names the accounts.
   * @throws AppError `PAYLOAD.NOT_UNDERSTOOD` for a body without a module; `ZOHO.*` and `SYNC.*` to come back.
   */
  async follow(event: VendorEvent, body: JsonObject): Promise<Enriched> {
    const { module, operation, records } = zohoNotification(body);
    if (module === null) throw new AppError('PAYLOAD.NOT_UNDERSTOOD', 'the body names no module');
    if (!isKnownModule(module)) {
      return finished('ignored', `module ${module.slice(0, 64)} concerns no account`);
    }
    const recordId = event.objectId;
    if (recordId === null) return finished('ignored', 'the body names no record');
    if (!isRecordId(recordId)) return finished('ignored', 'the id of the record is none of Zoho CRM');
    const changedFields = records.find((record) => record.recordId === recordId)?.changedFields ?? [];
    if (isIgnored(operation, changedFields, this.config.ZOHO_IGNORED_FIELDS)) {
      return finished('ignored', `only ${changedFields.join(', ').slice(0, 200)} changed`);
    }
    if (!this.config.hasZohoCredentials) {
      return finished('skipped', 'no credentials of Zoho (ZOHO_CLIENT_ID): records are not fetched');
    }
    return this.request(event, { module, operation, recordId, changedFields }, body);
  }

  private async request(event: VendorEvent, change: Change, body: JsonObject): Promise<Enriched> {
    const { module, operation, recordId, changedFields } = change;
    const values = carriedValues(body, recordId);
    const { accountIds, learned, reason } = await this.router.route({ module, operation, recordId, values });
    const force = isForced(module, operation, changedFields, this.config.ZOHO_CRITICAL_FIELDS);
    const changed = { module, recordId, fields: changedFields };
    const cause = { ...syncCauseOf(event, force), changed };
    for (const accountId of accountIds) await this.accountSync.request(accountId, cause);
    // Only now: had the process died before, the account the record came from would not have been asked for.
    if (learned !== null) await this.index.learn(learned.module, recordId, learned.accountId);
    if (reason !== null) return finished('completed', `the record ${reason}`);
    return finished('completed', `${force ? 'forced ' : ''}sync of account ${accountIds.join(' and ')}`);
  }
}

function finished(status: 'completed' | 'ignored' | 'skipped', reason: string): Enriched {
  return { type: 'finished', status, reason };
}
