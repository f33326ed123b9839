/** The hashes of the rules before and after; equal where nothing was edited. */
export interface RulesReload {
  readonly before: string;
  readonly after: string;
}

/** Changes the insight rules of a service that runs. */
export interface RulesControl {
  /**
   * Reads the rule files and takes them if every one is good; the other processes are told to do the same, each
   * with the files that it sees.
   * @throws AppError `INSIGHTS.RULES_INVALID` with file and line of every problem; the old rules stay in use.
   */
  reload(): Promise<RulesReload>;
}

export const RulesControl = Symbol('RulesControl');
