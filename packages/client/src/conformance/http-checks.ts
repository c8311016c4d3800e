/** The same over HTTP. */
import { ERROR_CODES } from "@micromarket/protocol";
import { check, expectSame, expectThat, tradingCheck, type Check } from "./check.ts";
import type { HttpAnswer } from "../http-twin.ts";

export const HTTP_CHECKS: readonly Check[] = [
  tradingCheck("http/order-equal", "an order read over HTTP is the order read on the socket", async (lab) => {
    const client = await lab.signedIn();
    const { id, party } = await lab.place(client);
    const order = await client.answer("order.get", { party, client_order_id: id }, "order");
    const { status, data } = await lab.orderByHttp(party, id);
    expectSame(status, 200, "the status");
    expectSame(data, order, "the order over HTTP");
  }),
  tradingCheck(
    "http/events-equal",
    "the private stream read over HTTP has the numbers that it has on the socket",
    async (lab) => {
      const client = await lab.signedIn();
      const party = await lab.party();
      const { seq } = await client.answer("subscribe", { ch: `orders/${party}` }, "subscribed");
      await lab.place(client);
      const update = await client.frame(({ type }) => type === "order.update", "order.update");
      const { data } = await lab.http.ask<{ events: { seq: number; data: unknown }[] }>(
        `/parties/${encodeURIComponent(party)}/events?after=${String(seq)}`,
      );
      const twin = data?.events.find((event) => event.seq === update.seq);
      expectSame(twin?.data, update.data, `event ${update.seq} over HTTP`);
    },
  ),
  check("http/problem", "what is refused over HTTP is application/problem+json", async (lab) => {
    const answer = await lab.orderByHttp(await lab.party(), "no-such-order");
    const type = answer.headers.get("content-type") ?? "";
    expectThat(type.startsWith("application/problem+json"), `the content type is ${type}`);
  }),
  check("http/problem-code", "a problem has the status of its response, and a code of the list", async (lab) => {
    const answer = await lab.orderByHttp(await lab.party(), "no-such-order");
    expectProblem(answer, 404, "NOT_FOUND");
  }),
  check("http/schema", "a body with an unknown field is BAD_SCHEMA", async (lab) => {
    const answer: HttpAnswer<Record<string, unknown>> = await lab.http.ask("/cts/EiRequestTender", { surplus: 1 });
    expectProblem(answer, 400, "BAD_SCHEMA");
  }),
  check("http/unknown-type", "a message that there is not is UNKNOWN_TYPE", async (lab) => {
    const answer: HttpAnswer<Record<string, unknown>> = await lab.http.ask("/cts/EiMakeCoffee", {});
    expectProblem(answer, 400, "UNKNOWN_TYPE");
  }),
];

function expectProblem({ status, data }: HttpAnswer<Record<string, unknown>>, expected: number, code: string): void {
  expectSame(
    [status, data?.["status"], data?.["code"]],
    [expected, expected, code],
    "status, status of the problem, code",
  );
  expectThat(Object.hasOwn(ERROR_CODES, code), "the code is not in the list");
}
