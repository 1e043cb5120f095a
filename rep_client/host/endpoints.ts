/** Calls the product's own backend: for a token, and for the coach. */

export type Role = 'rep' | 'prospect';

/** What the backend signs for whoever holds this page's link. */
export interface Admission {
  url: string;
  token: string;
  role: Role;
  call_id: string;
  /** The prospect's link; the rep alone is told it. */
  invitation?: string;
}

export async function askForToken(name: string): Promise<Admission> {
  return (await post('token', { name })) as Admission;
}

/** Brings the coach in, and returns its identity: the panel believes no other. */
export async function callCoach(lost?: string): Promise<string> {
  const answer = (await post('coach', lost === undefined ? {} : { lost })) as { agent: string };
  return answer.agent;
}

async function post(what: string, fields: object): Promise<unknown> {
  // The page's address is the link itself: /join/<secret>.
  const response = await fetch(`${location.pathname}/${what}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  });
  if (!response.ok) {
    throw new Error(`the server answered ${response.status}`);
  }
  return response.json();
}
