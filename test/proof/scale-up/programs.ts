// What runs inside the containers of this proof. Each says on standard output what it finds, a line of JSON at a time,
// with the time of the machine's one clock.

const DISCOVERY_OF_GREETER = "theseus:///greeter?labels=dev&port=grpc";

/** A backend: says when it has answered for the first time. */
const GREETER = `
  import { Server, ServerCredentials } from "@grpc/grpc-js";
  import { GetServerStatusResponse, TheseusServiceService as service } from "theseus-client/gen/theseus/v1/theseus_service";
  import { getContainerName, getExposedPort } from "theseus-client";
  const server = new Server();
  const nothing = Object.fromEntries(Object.keys(service).map((name) => [name, (_, end) => end({ code: 12 })]));
  const answer = GetServerStatusResponse.fromPartial({ version: getContainerName() });
  let answered = 0;
  const getServerStatus = (_, end) => {
    end(null, answer);
    answered += 1;
    if (answered === 1) console.log(JSON.stringify({ answered: getContainerName(), at: Date.now() }));
  };
  server.addService(service, { ...nothing, getServerStatus });
  server.bindAsync("0.0.0.0:" + getExposedPort("grpc"), ServerCredentials.createInsecure(), () => undefined);
  process.once("SIGTERM", () => server.tryShutdown(() => process.exit(0)));
`;

/** Ten times a second as many calls as there are backends and one more, whatever becomes of the calls before. */
const CALLING = `
  const told = { calls: 0 };
  const met = new Set();
  const call = (greeter) =>
    greeter.getServerStatus({}, { deadline: Date.now() + 5000 }, (error, answer) => {
      told.calls += 1;
      if (error) console.log(JSON.stringify({ failed: error.details, at: Date.now() }));
      else met.add(answer.version);
    });
  setInterval(() => {
    for (let count = 0; count <= met.size; count += 1) call(next());
  }, 100);
  setInterval(() => console.log(JSON.stringify(told)), 500);
  process.once("SIGTERM", () => process.exit(0));
`;

const CLIENTS = `
  import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
  import { TheseusServiceService as service } from "theseus-client/gen/theseus/v1/theseus_service";
  import { getNodeList, registerTheseusResolver, runWatchHandlers } from "theseus-client";
  const Greeter = makeGenericClientConstructor(service, "Greeter");
`;

/** A channel by the service's name. */
const CALLER = `${CLIENTS}
  registerTheseusResolver();
  const greeter = new Greeter("${DISCOVERY_OF_GREETER}", credentials.createInsecure());
  const next = () => greeter;
  ${CALLING}
`;

/** Asks where they are once a minute, and follows nothing. */
const POLLER = `${CLIENTS}
  const clients = new Map();
  const poll = async () => {
    for (const node of await getNodeList("greeter", { ports: ["grpc"], labels: ["dev"] }))
      if (!clients.has(node)) clients.set(node, new Greeter(node, credentials.createInsecure()));
  };
  await poll();
  setInterval(poll, 60_000);
  let turn = 0;
  const next = () => [...clients.values()][turn++ % clients.size];
  ${CALLING}
`;

/** The handler of WATCHES. */
const HANDLER = `${CLIENTS}
  const running = runWatchHandlers({
    handlers: { greeter: ({ initial, nodes }) => console.log(JSON.stringify({ initial, run: nodes, at: Date.now() })) },
  });
  process.once("SIGTERM", () => running.stop());
  await running.ended;
`;

/** Waits in vain, and then for one more each time. */
const WAITER = `${CLIENTS}
  process.once("SIGTERM", () => process.exit(0));
  const ask = (minimum, timeout) => getNodeList("greeter", { ports: ["grpc"], labels: ["dev"], minimum, timeout });
  const began = Date.now();
  await ask(999, 2_000).catch(({ reason }) => console.log(JSON.stringify({ reason, after: Date.now() - began })));
  for (let minimum = 3; ; minimum += 1) {
    const list = await ask(minimum, 300_000);
    console.log(JSON.stringify({ minimum, list, at: Date.now() }));
  }
`;

/** By the name of the program. */
export const PROGRAMS = {
  "greeter.mjs": GREETER,
  "caller.mjs": CALLER,
  "poller.mjs": POLLER,
  "handler.mjs": HANDLER,
  "waiter.mjs": WAITER,
} as const;

export type Program = keyof typeof PROGRAMS;
