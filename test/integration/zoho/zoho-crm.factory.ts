import type { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';

export interface SeededAccount {
  readonly accountId: string;
  readonly contactId: string;
  readonly dealId: string;
  readonly taskId: string;
  readonly callId: string;
  readonly noteId: string;
}

/** An account with one of everything. */
export function seedAccount(
  { data }: ZohoApiSimulator,
  name = 'Acme Robotics',
  domain = 'acme.example',
): SeededAccount {
  const accountId = data.insert('Accounts', {
    Account_Name: name,
    Account_Type: 'Customer',
    Industry: 'Manufacturing',
    Annual_Revenue: 1_250_000,
    Account_Status: 'Active',
    Website: `https://www.${domain}/about`,
    $currency_symbol: '$',
  });
  const account = { id: accountId, name };
  const contactId = data.insert('Contacts', {
    Full_Name: 'Jane Roe',
    Last_Name: 'Roe',
    Title: 'CTO',
    Email: `Jane@${domain}`,
    Account_Name: account,
  });
  const dealId = data.insert('Deals', {
    Deal_Name: `${name} renewal`,
    Stage: 'Negotiation/Review',
    Amount: 84_000,
    Closing_Date: '2026-12-20',
    Account_Name: account,
  });
  const taskId = data.insert('Tasks', {
    Subject: 'Send renewal quote',
    Status: 'Not Started',
    Due_Date: '2026-12-15',
    What_Id: account,
    $se_module: 'Accounts',
  });
  const callId = data.insert('Calls', {
    Subject: 'Check-in',
    Call_Start_Time: '2026-11-20T09:00:00-08:00',
    Outgoing_Call_Status: 'Completed',
    What_Id: account,
    $se_module: 'Accounts',
  });
  const noteId = data.insert('Notes', {
    Note_Title: 'Renewal risk',
    Note_Content: 'Unhappy about onboarding.\nCompares us with Contoso.',
    Parent_Id: { ...account, module: { api_name: 'Accounts', id: data.moduleId('Accounts') } },
  });
  return { accountId, contactId, dealId, taskId, callId, noteId };
}
