"""The other side of interop_test.cpp: a worker of Temporal's Python SDK.

    peer.py ADDRESS QUEUE       works on QUEUE until standard input ends

Its activities are called by workflows in C++; its workflow calls activities in C++, on the
queue it is given.
"""

from __future__ import annotations

import asyncio
import sys
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.converter import PayloadConverter
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

SECONDS = timedelta(seconds=20)
HEARTBEAT = timedelta(seconds=5)
THROTTLE = timedelta(milliseconds=100)


@dataclass
class Order:
    order_id: str
    amount: int
    tags: list[str] = field(default_factory=list)
    note: str | None = None
    ratio: float = 0.0


@dataclass
class Told:
    """What the workflow in Python saw of activities in C++."""

    order: Order
    tenant: str
    failure_type: str
    failure_message: str
    failure_details: list[int]
    failure_non_retryable: bool
    cause_type: str
    canceled: bool


tenant: ContextVar[str] = ContextVar("tenant", default="none")
waiting: dict[str, str] = {}


@activity.defn(name="peer_raise")
async def raise_amount(order: Order) -> Order:
    order.amount += 1
    order.tags.append("파이썬")
    return order


@activity.defn(name="peer_fail")
async def fail(item: str) -> None:
    try:
        raise ValueError("no such shelf")
    except ValueError as error:
        raise ApplicationError(f"{item} is out of stock", 3, type="OutOfStock", non_retryable=True) from error


@activity.defn(name="peer_tenant")
async def tell_tenant() -> str:
    return tenant.get()


@activity.defn(name="peer_wait")
async def wait(name: str) -> None:
    """Until it is cancelled; a signal tells its workflow that it waits."""
    waiting[name] = "waits"
    info = activity.info()
    assert info.workflow_id
    await client.get_workflow_handle(info.workflow_id).signal("waits")
    try:
        while True:
            activity.heartbeat()
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        waiting[name] = "canceled"
        raise


@activity.defn(name="peer_waited")
async def waited(name: str) -> str:
    return waiting.get(name, "never began")


@workflow.defn(name="PeerCaller")
class PeerCaller:
    def __init__(self) -> None:
        self.waits = False

    @workflow.signal(name="waits")
    def on_waits(self) -> None:
        self.waits = True

    @workflow.run
    async def run(self, queue: str) -> Told:
        async def call(name: str, *args: Any, result: Any = None) -> Any:
            return await workflow.execute_activity(
                name, args=args, result_type=result, task_queue=queue, start_to_close_timeout=SECONDS)

        order = await call("cpp_raise", Order("order-7", 12, ["a"]), result=Order)
        who = await call("cpp_tenant", result=str)
        try:
            await call("cpp_fail", "book")
            raise ApplicationError("cpp_fail did not fail", non_retryable=True)
        except ActivityError as error:
            failure = error.cause
        assert isinstance(failure, ApplicationError), failure
        assert isinstance(failure.cause, ApplicationError), failure.cause
        return Told(order, who, failure.type or "", failure.message, list(failure.details),
                    failure.non_retryable, failure.cause.type or "", await self.canceled(queue))

    async def canceled(self, queue: str) -> bool:
        handle = workflow.start_activity(
            "cpp_wait", task_queue=queue, start_to_close_timeout=SECONDS, heartbeat_timeout=HEARTBEAT,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        await workflow.wait_condition(lambda: self.waits)
        handle.cancel()
        try:
            await handle
        except ActivityError as error:
            return isinstance(error.cause, CancelledError)
        return False


class Tenant(Interceptor):
    """Takes the header "tenant" to activities, and sends "red" along."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        class Inbound(ActivityInboundInterceptor):
            async def execute_activity(self, input: ExecuteActivityInput) -> Any:
                if header := input.headers.get("tenant"):
                    tenant.set(PayloadConverter.default.from_payload(header, str))
                return await super().execute_activity(input)

        return Inbound(next)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle:
                input.headers = {**input.headers, "tenant": PayloadConverter.default.to_payload("red")}
                return super().start_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound


async def main() -> None:
    global client
    address, queue = sys.argv[1:]
    client = await Client.connect(address)
    worker = Worker(
        client, task_queue=queue, workflows=[PeerCaller], interceptors=[Tenant()],
        activities=[raise_amount, fail, tell_tenant, wait, waited],
        max_heartbeat_throttle_interval=THROTTLE, default_heartbeat_throttle_interval=THROTTLE)
    async with worker:
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
