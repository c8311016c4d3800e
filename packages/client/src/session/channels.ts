/** Channels with the types of what they say. */
import type { Static, TSchema } from "@sinclair/typebox";
import type {
  PRIVATE_MESSAGES,
  PRIVATE_SNAPSHOT,
  PUBLIC_DATA,
  PrivateChannel,
  PublicChannel,
} from "@micromarket/protocol";
import type { ChannelCursor, ChannelNotice } from "../channels/channel-follower.ts";
import type { MarketSession } from "./market-session.ts";

type Snapshot<Channel extends PublicChannel> = Static<(typeof PUBLIC_DATA)[Channel]["snapshot"]>;
type Delta<Channel extends PublicChannel> = Static<(typeof PUBLIC_DATA)[Channel]["delta"]>;
type DataOf<Message extends TSchema> = Message extends { properties: { data: infer Data extends TSchema } }
  ? Static<Data>
  : never;

/** Who hears a public channel. */
export interface PublicHearer<Channel extends PublicChannel> {
  readonly snapshot: (data: Snapshot<Channel>, seq: number) => void;
  readonly delta: (data: Delta<Channel>, seq: number) => void;
  readonly notice?: (notice: ChannelNotice) => void;
}

/** A message of a private channel. */
export type PrivateMessage = {
  readonly [Type in keyof typeof PRIVATE_MESSAGES]: {
    readonly type: Type;
    readonly data: DataOf<(typeof PRIVATE_MESSAGES)[Type]>;
  };
}[keyof typeof PRIVATE_MESSAGES];

/** Who hears a private channel. Keep the cursor, and go on from there after a restart. */
export interface PrivateHearer<Channel extends PrivateChannel> {
  readonly snapshot: (
    data: Static<(typeof PRIVATE_SNAPSHOT)[Channel]>,
    cursor: ChannelCursor,
    isReset: boolean,
  ) => void;
  readonly message: (message: PrivateMessage, cursor: ChannelCursor) => void;
  readonly notice?: (notice: ChannelNotice) => void;
}

/** Follows a public channel; the answer ends that. */
export function followPublic<Channel extends PublicChannel>(
  session: MarketSession,
  channel: Channel,
  hearer: PublicHearer<Channel>,
  { maxRateMs }: { readonly maxRateMs?: number } = {},
): () => void {
  const { notice } = hearer;
  return session.follow(
    { ch: channel, isPrivate: false, ...(maxRateMs === undefined ? {} : { maxRateMs }) },
    {
      snapshot: (data, { seq }) => hearer.snapshot(data as Snapshot<Channel>, seq),
      message: (type, data, { seq }) => {
        if (type === "delta") hearer.delta(data as Delta<Channel>, seq);
      },
      ...(notice === undefined ? {} : { notice }),
    },
  );
}

/** Follows a channel of a party, from `cursor` on where that is known; the answer ends that. */
export function followPrivate<Channel extends PrivateChannel>(
  session: MarketSession,
  channel: Channel,
  party: string,
  hearer: PrivateHearer<Channel>,
  cursor?: ChannelCursor,
): () => void {
  const { notice } = hearer;
  const at = (seq: number, epoch: number | null): ChannelCursor => ({ seq, epoch: epoch ?? 0 });
  return session.follow(
    { ch: `${channel}/${party}`, isPrivate: true, ...(cursor === undefined ? {} : { cursor }) },
    {
      snapshot: (data, { seq, epoch, isReset }) =>
        hearer.snapshot(data as Static<(typeof PRIVATE_SNAPSHOT)[Channel]>, at(seq, epoch), isReset),
      message: (type, data, { seq, epoch }) => hearer.message({ type, data } as PrivateMessage, at(seq, epoch)),
      ...(notice === undefined ? {} : { notice }),
    },
  );
}
