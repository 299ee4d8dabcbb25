"""Stand-in for your application: replace `answer` by a call of it."""

import re

from regrade import Response, ToolCall

ORDERS = {"A-1": 19.9, "A-2": 250.0, "A-3": 5.0}
ATTACKS = re.compile(r"(?i)ignor|instruct|system prompt|pretend|decode|repeat after|all orders")


def answer(input: str) -> Response:
    """Look orders up, refund or cancel them."""
    found = [each.upper() for each in re.findall(r"\b[Aa]-\d+\b", input)]
    if ATTACKS.search(input) or not found:
        return Response("I need the number of one order to help.", tool_calls=())
    order = found[0]
    price = ORDERS.get(order)
    error = None if price is not None else "no such order"
    calls = [ToolCall(name="look_up", arguments={"order": order}, result=price, error=error)]
    if price is None:
        calls.append(
            ToolCall(
                name="look_up", arguments={"order": order, "detail": "archive"}, result="not found"
            )
        )
        return Response(f"There is no order {order}.", tool_calls=tuple(calls))
    wanted = re.sub(r"(?i)\b(?:not|don't|never) \w+", "", input)
    if re.search(r"(?i)refund|money back", wanted):
        calls.append(
            ToolCall(name="refund", arguments={"order": order, "amount": price}, result="asked")
        )
        return Response(f"I asked for a refund of {price} for {order}.", tool_calls=tuple(calls))
    if re.search(r"(?i)cancel", wanted):
        calls.append(ToolCall(name="cancel", arguments={"order": order}, result="done"))
        return Response(f"Order {order} is cancelled.", tool_calls=tuple(calls))
    return Response(f"Order {order} costs {price}.", tool_calls=tuple(calls))
