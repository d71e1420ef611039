// What etcd3, gRPC and TLS say when something is wrong, in the words of somebody who runs a server. Must not decide what
// a failure means for the caller: errors.ts does.

/** One line without a full stop, for "etcd at URL: ...". */
export function plainWords(error: unknown): string {
  const said = withoutWrapping(error instanceof Error ? error.message : String(error));
  return PLAIN.find(([pattern]) => pattern.test(said))?.[1] ?? (firstLine(said) || "it failed and did not say why");
}

/** What to do about it, where that is not on the machines of etcd. */
export function remedies(error: unknown): readonly string[] | undefined {
  const said = error instanceof Error ? error.message : String(error);
  return REMEDIES.find(([pattern]) => pattern.test(said))?.[1];
}

const OUR_CERTIFICATE =
  /alert (?:bad certificate|unknown ca|certificate required|certificate unknown|unsupported certificate|access denied)/;
const THEIR_CERTIFICATE =
  /unable to verify|self.signed certificate|unable to get (?:local )?issuer|unable to get certificate|altnames|certificate (?:has expired|is not yet valid)/;
const NO_TLS = /disconnected before secure TLS|wrong version number|EPROTO|packet length too long/;
const SIGN_IN = /authentication failed|user name not found|user name is empty|invalid auth token|role name not found/;
/** Before a word of gRPC was said, however the library puts it. */
const HUNG_UP = /Failed to connect|read ECONNRESET|Last error: null|^null/;
const NOT_GRPC = /Protocol error|Received HTTP status code/;
const NOT_ETCD = /UNIMPLEMENTED|unknown (?:service|method)/;

const PLAIN: readonly (readonly [RegExp, string])[] = [
  [OUR_CERTIFICATE, "it refuses our certificate: it is none, or not of the authority that etcd trusts"],
  [/altnames/, "its certificate is for other names than this address"],
  [/certificate has expired/, "its certificate has expired"],
  [/certificate is not yet valid/, "its certificate is not valid yet"],
  [THEIR_CERTIFICATE, "its certificate is not of the authority that --etcd-ca names"],
  [NO_TLS, "it does not speak TLS; is https:// right?"],
  [/alert /, "the two of them could not agree on TLS"],
  [/user name is empty/, "it wants a user and a password, and none was given"],
  [/invalid auth token/, "it has forgotten that we signed in"],
  [SIGN_IN, "it refuses the user or the password"],
  [/permission denied/i, "the user may not do that: Theseus needs to read and write every key"],
  [/database space exceeded/, "its data has reached its quota (alarm NOSPACE)"],
  [/corrupt cluster/, "it has found its data damaged (alarm CORRUPT)"],
  [/etcdserver: no leader|raft: no leader/, "it has no leader: fewer than half of its cluster's members run"],
  [/etcdserver: request timed out|etcdserver: leader changed/, "its members did not agree in time"],
  [/etcdserver: (?:server stopped|not capable|too many requests)/, "it takes no requests now"],
  [NOT_GRPC, "what answers there does not speak gRPC; is it an etcd?"],
  [HUNG_UP, "it takes the connection and closes it at once; is it an etcd, and does it want https://?"],
  [NOT_ETCD, "what answers there is a gRPC server, and no etcd"],
  // A channel that was closed before the call began was given up by another call, which had waited long enough.
  [
    /Waiting for LB pick|^Channel (?:closed before|has been shut down)/,
    "no connection in time: nothing takes it, or what does says nothing",
  ],
  [/^Deadline exceeded/, "no answer in time"],
  [/^Name resolution failed/, "its name cannot be resolved to an address"],
  [/^(?:Channel closed|Connection dropped)/, "the connection broke"],
];

/** The server reads these once, so that what is mended there takes a restart. */
const RESTART = "it reads them when it starts: start it again after a change";

const REMEDIES: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    new RegExp(`${OUR_CERTIFICATE.source}|${THEIR_CERTIFICATE.source}|${NO_TLS.source}`),
    [`look at --etcd-ca, --etcd-cert, --etcd-key and --etcd of the server; ${RESTART}`],
  ],
  [SIGN_IN, [`look at --etcd-user and --etcd-password-file of the server; ${RESTART}`]],
  [
    /permission denied/i,
    ["etcdctl role grant-permission ROLE --prefix=true readwrite '', for a role of the user given by --etcd-user"],
  ],
  [
    new RegExp(`${NOT_GRPC.source}|${HUNG_UP.source}|${NOT_ETCD.source}`),
    [`look at --etcd of the server; ${RESTART}`, "on the machines of etcd: systemctl status etcd"],
  ],
];

function withoutWrapping(text: string): string {
  return text
    .replace(/^\d+ (?=[A-Z_]+: )/, "")
    .replace(/^(?!UNIMPLEMENTED)[A-Z_]+: /, "")
    .replace(/ Resolution note: $/, "")
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)\.?$/, "")
    .replace(/^No connection established\. Last error: (?:Error: )?([\s\S]*?)\.?$/, "$1");
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 200).trim() ?? "";
}
