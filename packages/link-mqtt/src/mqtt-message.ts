/** What arrives from a broker, and what may be said of topics. MQTT 5.0, sections 3.3.1.3 and 4.7. */

/** One message as it came. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /**
   * Whether the broker had stored it before this subscription was made: it may be of any age. A retained message that
   * is published while the subscription stands comes without the mark.
   */
  readonly retained: boolean;
}

/** Longest topic or filter that this package takes, UTF-16 code units. */
const TOPIC_LENGTH_MAX = 256;

/** Whether `topic` may be published to: no wildcards, no control characters, none of the broker's own. */
export function isTopicName(topic: string): boolean {
  return isTopicText(topic) && !/[+#]/.test(topic) && !topic.startsWith("$");
}

/** Whether `filter` may be subscribed to: `+` stands for a whole level, `#` for all levels from the last on. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  const isLevel = (level: string, index: number): boolean =>
    !/[+#]/.test(level) || level === "+" || (level === "#" && index === levels.length - 1);
  return isTopicText(filter) && levels.every(isLevel);
}

function isTopicText(text: string): boolean {
  return text.length > 0 && text.length <= TOPIC_LENGTH_MAX && !/[\p{Cc}\p{Surrogate}]/u.test(text);
}
