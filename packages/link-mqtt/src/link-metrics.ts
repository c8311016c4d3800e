/** What a link has counted since it was opened. */

/** Plain counters; they only grow. */
export interface LinkMetrics {
  attempts: number;
  connections: number;
  failures: number;
  messagesReceived: number;
  messagesHandled: number;
  /** Dropped: longer than `payloadBytesMax`. */
  droppedTooLarge: number;
  /** Dropped: more than `messagesPerSecondMax` of one topic. */
  droppedTooFast: number;
  /** Dropped: the handler was too slow. */
  droppedQueueFull: number;
  handlerFailures: number;
  commandsSent: number;
  commandsAcknowledged: number;
  /** Never sent. */
  commandsRefused: number;
  /** Sent, and not known to have arrived. */
  commandsUnanswered: number;
  echoesReceived: number;
  /** Published to keep devices awake. */
  wakesSent: number;
}

/** All at 0. */
export function noCounts(): LinkMetrics {
  return {
    attempts: 0,
    connections: 0,
    failures: 0,
    messagesReceived: 0,
    messagesHandled: 0,
    droppedTooLarge: 0,
    droppedTooFast: 0,
    droppedQueueFull: 0,
    handlerFailures: 0,
    commandsSent: 0,
    commandsAcknowledged: 0,
    commandsRefused: 0,
    commandsUnanswered: 0,
    echoesReceived: 0,
    wakesSent: 0,
  };
}
