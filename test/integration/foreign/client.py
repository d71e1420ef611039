"""A program that knows Theseus by its .proto files alone. Does everything that a backend does with discovery, and prints
one JSON line for each step: client.py ADDRESS SERVICE. The generated modules are on PYTHONPATH."""

import json
import sys

import grpc
from google.protobuf.duration_pb2 import Duration
from theseus.v1 import container_pb2, discovery_service_pb2 as messages, discovery_service_pb2_grpc as services
from theseus.v1.reference_pb2 import ContainerRef, GroupRef, GroupSelector

DEADLINE = 10
address, service = sys.argv[1:]
channel = grpc.insecure_channel(address)
discovery = services.DiscoveryServiceStub(channel)
group = GroupRef(service=service, labels=["dev"])


def say(step, **facts):
    print(json.dumps({"step": step, **facts}), flush=True)


def secret_of(name):
    return "nobody-guesses-" + name


def register(name, port):
    request = messages.RegisterRequest(
        group=group,
        name=name,
        address="10.9.8.7",
        ports=[container_pb2.PortMapping(name="http", external=port)],
        ttl=Duration(seconds=30),
        registration_id=secret_of(name),
    )
    return discovery.Register(request, timeout=DEADLINE)


def held(name):
    return {
        "container": ContainerRef(group=group, name=name),
        "registration_id": secret_of(name),
    }


def look_up(revision):
    request = messages.LookupRequest(
        selector=GroupSelector(service=service, labels="dev|test"), port="http", at_least_revision=revision
    )
    answer = discovery.Lookup(request, timeout=DEADLINE)
    return [[one.container.name, one.address, one.port, one.weight] for one in answer.endpoints]


class Watch:
    """One stream, and the state folded from its messages."""

    def __init__(self, **more):
        self.call = discovery.Watch(messages.WatchRequest(group=group, **more), timeout=DEADLINE)
        self.names, self.watch_id, self.cursor = set(), "", ""

    def next(self):
        message = next(self.call)
        kind = message.WhichOneof("content")
        self.cursor = message.cursor
        self.watch_id = message.watch_id or self.watch_id
        if kind == "snapshot":
            self.names = {one.container.name for one in message.snapshot.endpoints}
        elif kind == "delta":
            self.names |= {one.container.name for one in message.delta.put}
            self.names -= {one.name for one in message.delta.removed}
        return kind

    def until(self, name):
        """The kinds of the messages up to the one that tells of this container."""
        kinds = []
        while name not in self.names:
            kinds.append(self.next())
        return kinds


def code_of(call, request):
    try:
        call(request, timeout=DEADLINE)
        return "OK"
    except grpc.RpcError as error:
        return error.code().name


one = register("one", 8001)
say("register", name=one.container.name, ttl=one.ttl.seconds)
say("lookup", endpoints=look_up(one.revision))

watch = Watch(acknowledges=True, watcher_id="python")
say("snapshot", kinds=watch.until("one"))
register("two", 8002)
say("delta", kinds=watch.until("two"), names=sorted(watch.names))
acknowledgement = messages.AcknowledgeRequest(watch_id=watch.watch_id, cursor=watch.cursor)
server = watch.watch_id.split(".")[0]
invented = messages.AcknowledgeRequest(watch_id=server + "." + "0" * 32, cursor=watch.cursor)
elsewhere = messages.AcknowledgeRequest(watch_id="nobody." + "0" * 32, cursor=watch.cursor)
say(
    "acknowledge",
    known=code_of(discovery.Acknowledge, acknowledgement),
    unknown=code_of(discovery.Acknowledge, invented),
    elsewhere=code_of(discovery.Acknowledge, elsewhere),
)
watch.call.cancel()

again = Watch(cursor=watch.cursor, last_watch_id=watch.watch_id)
say("resume", kind=again.next())
register("three", 8003)
say("resumed", kinds=again.until("three"), names=sorted(again.names))
again.call.cancel()

renewed = discovery.Renew(messages.RenewRequest(**held("one")), timeout=DEADLINE)
say("renew", made_again=renewed.made_again)
updated = discovery.UpdateRegistration(messages.UpdateRegistrationRequest(weight=7, **held("one")), timeout=DEADLINE)
say("update", endpoints=look_up(updated.revision)[:1])
stranger = messages.RenewRequest(container=ContainerRef(group=group, name="one"), registration_id="somebody-else-entirely")
say("stranger", code=code_of(discovery.Renew, stranger))
gone = discovery.Deregister(messages.DeregisterRequest(**held("one")), timeout=DEADLINE)
say("deregister", names=[name for name, *_ in look_up(gone.revision)])
