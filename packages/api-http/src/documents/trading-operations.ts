/** The messages of CTS over HTTP: one path for each. */
import {
  answersTo,
  CLIENT_EXAMPLES,
  CTS_REQUESTS,
  SERVER_EXAMPLES,
  SERVER_MESSAGES,
  type ServerType,
} from "@micromarket/protocol";
import type { Operation } from "./operation.ts";

type RequestType = keyof typeof CTS_REQUESTS;

/** What each is for, in a few words. */
export const CTS_SUMMARIES: Readonly<Record<RequestType, string>> = {
  EiCreateTender: "Place one or more tenders",
  EiCancelTender: "Take tenders back",
  EiCreatedTransaction: "Acknowledge a transaction",
  EiRequestTransaction: "What was executed in a stretch of time",
  EiRequestTender: "Tenders as they stand",
  EiRequestPosition: "What a party has bought or sold",
  EiCreateDelivery: "What was metered",
  EiCreatePartyRegistration: "Let a party take part",
  EiRequestPartyRegistration: "Who takes part",
  EiCancelPartyRegistration: "Let a party leave",
  EiCreateRfq: "Ask for quotes",
  EiCreateQuote: "Quote: an indication",
  EiCancelQuote: "Take quotes back",
  EiAcceptQuote: "Accept a quote: refused, for a quote is an indication here",
  EiRejectQuote: "Reject a quote",
  EiManageMarketReferenceData: "What holds for the market",
  EiManageSegmentReferenceData: "What holds for its segment",
  EiManageSessionData: "Where trading stands",
  EiManageInstrumentData: "Summaries of slots",
  EiManageTickerSubscription: "Tickers: on the socket alone",
};

const ADMIN = new Set<RequestType>(["EiCreatePartyRegistration", "EiCancelPartyRegistration"]);
const READ = new Set<RequestType>([
  "EiCreatedTransaction",
  "EiRequestTransaction",
  "EiRequestTender",
  "EiRequestPosition",
  "EiCreateDelivery",
]);

function needsOf(type: RequestType): Operation["needs"] {
  if (type.startsWith("EiManage")) return "known";
  if (ADMIN.has(type)) return "admin of all";
  if (type === "EiRequestPartyRegistration") return "read of all";
  return READ.has(type) ? "read of the party" : "trade for the party";
}

function operationOf(type: RequestType): Operation {
  const [answer = ""] = answersTo(type);
  const asked = CLIENT_EXAMPLES.find((example) => example.type === type);
  const answered = SERVER_EXAMPLES.find((example) => example.type === answer);
  const path = `/api/v1/cts/${type}`;
  return {
    ...{ method: "post", path, id: type, tag: "trading", needs: needsOf(type), summary: CTS_SUMMARIES[type] },
    description: `The body is the data of the frame \`${type}\`, the answer that of \`${answer}\`.`,
    body: CTS_REQUESTS[type].properties.data,
    answer: {
      schema: SERVER_MESSAGES[answer as ServerType].properties.data,
      says: "Done, as `response.responseCode` 200 says.",
    },
    wire: "any",
    example: { ask: path, body: asked?.data, answer: answered?.data },
  };
}

/** One route for each message. */
export const TRADING_OPERATIONS: readonly Operation[] = (Object.keys(CTS_REQUESTS) as RequestType[]).map(operationOf);
