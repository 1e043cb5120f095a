import { RpcError } from 'livekit-client';
import { expect, test } from 'vitest';
import { attach, coach, listening, names, pass, room, shownIds } from '../test/attached.js';
import { hello, nudge, status } from '../test/samples.js';

test('revoking clears at once, and nothing older than the confirmation is shown after', async () => {
  await listening();
  await room.call('coach_nudge', nudge());

  await coach.consent('revoked');
  expect([shownIds(), coach.condition]).toEqual([[], 'consent_revoking']);
  await room.call(
    'coach_status',
    status({ at_ms: 900, state: 'waiting_for_consent', consent: 'revoked' }),
  );
  await room.call('coach_status', status({ at_ms: 950 }));
  const late = await room.call('coach_nudge', nudge({ id: 'n-2', created_ms: 800 }));

  expect(late).toBe('expired');
  expect(names()).toContain('cleared');
});

test('a grant that was under way does not undo a revocation, and the coach is told again', async () => {
  await listening();
  await coach.consent('revoked');
  room.performed.length = 0;

  await room.call('coach_status', status({ at_ms: 500 }));
  const reply = await room.call('coach_nudge', nudge({ created_ms: 510 }));

  expect(reply).toBe('expired');
  expect(room.performed.map(({ payload }) => payload)).toEqual([
    '{"v":1,"action":"consent_revoked"}',
  ]);
});

test('a coach that restarts with consent from its metadata is told that the rep said no', async () => {
  await listening();
  await coach.consent('revoked');
  await room.call(
    'coach_status',
    status({ at_ms: 900, state: 'waiting_for_consent', consent: 'revoked' }),
  );
  room.performed.length = 0;

  await room.call('coach_hello', hello({ run: 'r8' }));

  expect(coach.condition).toBe('consent_revoking');
  expect(room.performed.map(({ payload }) => payload)).toEqual([
    '{"v":1,"action":"consent_revoked"}',
  ]);
});

test('a coach that cannot be reached is said to be so, and the revocation stays in force here', async () => {
  await listening();
  room.answers['coach_control'] = () => Promise.reject(new RpcError(1501, 'Connection timeout'));

  await expect(coach.consent('revoked')).rejects.toMatchObject({
    code: 'unreachable',
    rpcCode: 1501,
  });

  expect(coach.condition).toBe('consent_revoking');
  expect(names()).toContain('error');
});

test('consent granted again after a revocation lets new nudges through', async () => {
  await listening();
  await coach.consent('revoked');
  await coach.consent('granted');
  await room.call('coach_status', status({ at_ms: 900 }));

  expect(await room.call('coach_nudge', nudge({ created_ms: 950 }))).toBe('shown');
});

test('feedback that does not arrive is taken back', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  room.answers['coach_feedback'] = () => Promise.reject(new RpcError(2404, 'no such nudge'));

  await expect(coach.feedback('n-1', 'useful')).rejects.toMatchObject({ code: 'unknown_id' });

  expect(coach.state.latest?.feedback).toBeUndefined();
});

test('an approval counts when the coach has it, and a lapsed proposal cannot be approved', async () => {
  await listening();
  const proposal = { id: 'p-1', text: 'Log outcome: yes' };
  await room.call('coach_nudge', nudge({ kind: 'approval', proposal, relevant_ms: 5000 }));
  await coach.feedback('n-1', 'approve');
  expect(coach.state.history[0]?.feedback).toBe('approve');
  await room.call(
    'coach_nudge',
    nudge({ id: 'n-2', kind: 'approval', proposal, relevant_ms: 5000 }),
  );
  room.performed.length = 0;

  await pass(5001);

  await expect(coach.feedback('n-2', 'approve')).rejects.toMatchObject({ code: 'lapsed' });
  expect(room.performed).toEqual([]);
});

test('without a coach in the room nothing is sent', async () => {
  attach();

  await expect(coach.stop()).rejects.toMatchObject({ code: 'no_coach' });

  expect(room.performed).toEqual([]);
});

test('a question that is too long is not sent', async () => {
  await listening();

  await expect(coach.ask('ä'.repeat(2000))).rejects.toMatchObject({ code: 'unsendable' });
});
