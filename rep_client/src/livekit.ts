/** All that is taken from livekit-client at run time: the host's copy, and never another. */

export { ParticipantKind, Room, RpcError } from 'livekit-client';
