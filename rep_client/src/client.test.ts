import { ParticipantKind, Room, RpcError } from 'livekit-client';
import { expect, test, vi } from 'vitest';
import {
  attach,
  clock,
  coach,
  heard,
  listening,
  names,
  pass,
  refusal,
  room,
  shownIds,
} from '../test/attached.js';
import { AGENT, FakeRoom } from '../test/fake-room.js';
import { hello, nudge, status } from '../test/samples.js';
import { connectCoach } from './coach.js';

test('a nudge is shown and the coach is told so', async () => {
  await listening();

  const reply = await room.call('coach_nudge', nudge());

  expect(reply).toBe('shown');
  expect(heard).toMatchObject([['nudge', { nudge: { id: 'n-1' }, caller: AGENT, ageMs: 0 }]]);
});

test.each([
  ['a prospect', ParticipantKind.STANDARD],
  ['a telephone', ParticipantKind.SIP],
  ['an ingress', ParticipantKind.INGRESS],
])('%s is refused to the letter as if the method did not exist', async (_, kind) => {
  await listening();
  room.join('buyer-1', kind);

  const refused = await refusal(room.call('coach_nudge', nudge(), 'buyer-1'));
  const unknown = await refusal(room.call('no_such_method', nudge(), 'buyer-1'));

  expect(refused).toBeInstanceOf(RpcError);
  expect({ ...refused, text: refused.message }).toEqual({ ...unknown, text: unknown.message });
  expect(shownIds()).toEqual([]);
});

test('a participant with the old agent permission but another kind is not believed', async () => {
  await listening();
  const claimed = { identity: 'buyer-1', kind: ParticipantKind.STANDARD, isAgent: true };
  room.remoteParticipants.set('buyer-1', claimed);

  const refused = await refusal(room.call('coach_status', status(), 'buyer-1'));

  expect(refused.code).toBe(1400);
});

test('another agent than the named one is refused at once', async () => {
  attach({ agentIdentity: 'call-assistant-j9' });
  room.join();

  const refused = await refusal(room.call('coach_hello', hello()));

  expect(refused.code).toBe(1400);
  expect(coach.state.run).toBeNull();
});

test('a caller who is not in the list yet is waited for', async () => {
  attach();
  const reply = room.call('coach_hello', hello());

  await pass(2500);
  room.join();

  expect(await reply).toBe('{"v":1,"ready":true}');
});

test('a caller who does not appear within three seconds is refused', async () => {
  attach();
  const refused = refusal(room.call('coach_hello', hello()));

  await pass(3000);

  expect((await refused).code).toBe(1400);
});

test('what waited in a buffer is answered expired and never shown', async () => {
  await listening();
  clock.pass(9000);

  const reply = await room.call('coach_nudge', nudge({ created_ms: 1000 }));

  expect(reply).toBe('expired');
  expect(heard).toEqual([['ignored', { id: 'n-1', rev: 0, reply: 'expired' }]]);
});

test('a machine that slept shows nothing old, though its monotonic clock stood still', async () => {
  await listening();
  clock.sleep(60_000);

  const reply = await room.call('coach_nudge', nudge({ created_ms: 500 }));

  expect(reply).toBe('expired');
});

test('the same nudge again is a duplicate, a higher rev replaces it, a lower one does not', async () => {
  await listening();
  const send = (rev: number): Promise<string> =>
    room.call('coach_nudge', nudge({ rev, headline: `rev ${rev}` }));

  const replies = [await send(1), await send(1), await send(0), await send(2)];

  expect(replies).toEqual(['shown', 'duplicate', 'duplicate', 'shown']);
  expect(coach.state.latest?.nudge.headline).toBe('rev 2');
  expect(shownIds()).toEqual(['n-1']);
});

test('muted means nothing is shown, and what was asked for is shown all the same', async () => {
  await listening();
  await coach.mute(60);
  const reply = await room.call('coach_nudge', nudge());
  room.answers['coach_ask'] = () => JSON.stringify(nudge({ id: 'n-2', path: 'ask' }));

  await coach.ask('encryption');

  expect(reply).toBe('muted');
  expect(coach.condition).toBe('muted');
  expect(shownIds()).toEqual(['n-2']);
});

test("the coach's own mute ends on the call's clock", async () => {
  await listening();
  await room.call('coach_status', status({ at_ms: 0, muted_until_ms: 30_000 }));
  expect(coach.condition).toBe('muted');

  await pass(30_001);

  expect(coach.condition).toBe('listening');
});

test("another call's messages are refused and change nothing", async () => {
  await listening();

  const refused = await refusal(room.call('coach_nudge', nudge({ call_id: 'c-other' })));

  expect(refused.code).toBe(2400);
  expect(shownIds()).toEqual([]);
});

test('a coach that was dispatched anew follows the one that has left, whatever its call is', async () => {
  await listening();
  const second = 'call-assistant-j2';
  const anew = hello({ call_id: 'c-other', run: 'r-other', consent: { state: 'pending' } });
  room.join(second);
  expect((await refusal(room.call('coach_hello', anew, second))).code).toBe(2400);

  room.leave();
  await room.call('coach_hello', anew, second);

  expect(coach.condition).toBe('waiting_for_consent');
  expect((await refusal(room.call('coach_nudge', nudge(), second))).code).toBe(2400);
});

test('a coach that the host names in the middle of a call is asked to introduce itself', async () => {
  await listening();
  room.join('call-assistant-j2');
  room.performed.length = 0;

  coach.agentIdentity = 'call-assistant-j2';

  expect(room.performed).toMatchObject([
    { destinationIdentity: 'call-assistant-j2', payload: '{"v":1,"action":"hello"}' },
  ]);
});

test('a host that names the call is not talked into another one by the first message', async () => {
  attach({ callId: 'c-1' });
  room.join();

  const refused = await refusal(room.call('coach_hello', hello()));

  expect(refused.code).toBe(2400);
});

test('a message that is wrong tells the field and not its content', async () => {
  await listening();

  const refused = await refusal(room.call('coach_nudge', nudge({ rev: 'secret words' })));

  expect([refused.code, refused.message]).toEqual([2400, 'rev must be an integer']);
});

test('a new run takes over, and the former one is not listened to while it lives', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  await room.call('coach_status', status({ run: 'r8' }));

  const reply = await room.call('coach_nudge', nudge({ id: 'n-2' }));

  expect(reply).toBe('expired');
  expect(coach.state.run).toBe('r8');
  expect(shownIds()).toEqual(['n-1']);
});

test('a nudge is prominent for as long as it is relevant', async () => {
  await listening();
  await room.call('coach_nudge', nudge({ relevant_ms: 5000 }));

  await pass(5001);

  expect(coach.state.latest).toBeNull();
  expect(shownIds()).toEqual(['n-1']);
});

test('the coach is lost after 45 seconds of silence, and found when it speaks', async () => {
  await listening();

  await pass(45_002);

  expect(coach.condition).toBe('coach_lost');
  expect(names()).toEqual(['condition', 'lost']);
  await room.call('coach_status', status({ at_ms: 46_000 }));
  expect(coach.condition).toBe('listening');
});

test('the coach leaves: lost at once; its successor is heard', async () => {
  await listening();
  room.leave();
  expect(coach.condition).toBe('coach_lost');

  room.join('call-assistant-j2');
  await room.call('coach_hello', hello({ run: 'r8' }), 'call-assistant-j2');
  await room.call('coach_status', status({ run: 'r8' }), 'call-assistant-j2');

  expect(coach.condition).toBe('listening');
});

test('attached late, it asks every agent present to introduce itself', () => {
  room.join();
  room.join('buyer-1', ParticipantKind.STANDARD);

  attach();

  expect(room.performed).toMatchObject([
    { destinationIdentity: AGENT, method: 'coach_control', payload: '{"v":1,"action":"hello"}' },
  ]);
});

test('a reconnected room is greeted anew', async () => {
  await listening();
  room.become('reconnecting');
  expect(coach.condition).toBe('reconnecting');
  room.performed.length = 0;

  room.become('connected');

  expect(room.performed).toHaveLength(1);
  expect(coach.condition).toBe('listening');
});

test('the same room object in another room begins a new call', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  room.name = 'room-2';

  room.become('connected');
  const reply = await room.call('coach_hello', hello({ call_id: 'c-3', run: 'r1' }));

  expect(reply).toBe('{"v":1,"ready":true}');
  expect(shownIds()).toEqual([]);
  expect(names()).toContain('cleared');
});

test('two clients on one room: the second says so, and the first goes on', async () => {
  await listening();

  expect(() => connectCoach(room)).toThrow('dispose of that one first');

  expect(await room.call('coach_nudge', nudge())).toBe('shown');
});

test("a room of livekit-client's own takes the methods, and gives them back", () => {
  const real = new Room();

  const first = connectCoach(real);
  expect(() => connectCoach(real)).toThrow('dispose of that one first');
  first.dispose();
  const second = connectCoach(real);

  expect(second.condition).toBe('disconnected');
  second.dispose();
});

test('a room of another copy of livekit-client is refused, for its errors would tell too much', () => {
  const foreign = Object.assign(new FakeRoom(), { engine: {} });

  expect(() => connectCoach(foreign)).toThrow('another copy');

  expect(foreign.methods.size).toBe(0);
});

test('a method of the host is left alone when there is a clash', () => {
  room.registerRpcMethod('coach_status', async () => 'mine');

  expect(() => connectCoach(room)).toThrow();

  expect([...room.methods.keys()]).toEqual(['coach_status']);
  expect(room.listenerCount).toBe(0);
});

test('after dispose no listener, method or timer is left', async () => {
  await listening();
  await room.call('coach_nudge', nudge());

  coach.dispose();
  coach.dispose();

  expect([room.listenerCount, room.methods.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
});
