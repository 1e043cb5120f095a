/** What the host is told when something did not happen. */

/** Why something could not be done; stable, for programs. */
export type CoachErrorCode =
  | 'already_attached'
  | 'two_copies'
  | 'no_coach'
  | 'unsendable'
  | 'not_understood'
  | 'unknown_id'
  | 'not_allowed'
  | 'timeout'
  | 'unreachable'
  | 'lapsed';

/** Something that the host or the rep wanted did not happen; the text holds no speech. */
export class CoachError extends Error {
  constructor(
    readonly code: CoachErrorCode,
    message: string,
    /** LiveKit's or the coach's own number, where there is one. */
    readonly rpcCode: number | null = null,
  ) {
    super(message);
    this.name = 'CoachError';
  }
}
