export { BACK_OFF, type BackOff } from "./back-off.ts";
export {
  CommandReceiver,
  commandText,
  type CommandBody,
  type CommandReceiverOptions,
  type CommandRefusal,
  type CommandStamp,
  type ReceivedCommand,
} from "./command.ts";
export { isTopicLabel, MarketFacade, type FacadeFailure, type FacadeOptions, type FacadePorts } from "./facade.ts";
export { discoveryMessages, homeDiscoveryMessages, removalMessages, type DiscoveryOptions } from "./home-assistant.ts";
export {
  HOME_VALUE_NAMES,
  homeMessages,
  homeTopic,
  type HomeValueName,
  type HomeValues,
  type PublishedHome,
} from "./home-values.ts";
export { type LinkMetrics } from "./link-metrics.ts";
export {
  bootClientId,
  type EchoOptions,
  type LinkLimits,
  type MqttLinkOptions,
  type OptionFailure,
  type Subscription,
  type TlsOptions,
} from "./link-options.ts";
export { loadProfile, profileNames, profileText, type ProfileLookup } from "./load-profile.ts";
export { mqttControl, type MqttControlOptions } from "./mqtt-control.ts";
export { MqttDevice } from "./mqtt-device.ts";
export {
  MqttLink,
  type CommandFailure,
  type CommandOptions,
  type FactOptions,
  type LinkPorts,
  type LinkState,
  type LinkStatus,
} from "./mqtt-link.ts";
export { isTopicFilter, isTopicName, type MqttMessage } from "./mqtt-message.ts";
export { NumberText, type JsonObject, type JsonValue } from "./payload-json.ts";
export {
  type AvailabilityProfile,
  type ControlProfile,
  type DeviceProfile,
  type PointProfile,
  type ProfileParameters,
  type RequirementProfile,
  type TimeFormat,
  type TopicProfile,
  type ValueProfile,
  type WakeProfile,
  type WriteStep,
} from "./profile.ts";
export { PROFILE_SCHEMA, profileSchemaText } from "./profile-schema.ts";
export { readMessage } from "./read-message.ts";
export { readProfile } from "./read-profile.ts";
export {
  MARKET_STATES,
  SITE_VALUE_NAMES,
  siteMessages,
  siteTopic,
  statusMessage,
  type FactMessage,
  type MarketState,
  type SiteValueName,
  type SiteValues,
} from "./site-values.ts";
