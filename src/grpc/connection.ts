// Whether the connection under a call is gone. grpc-js tells only that the call is over; the HTTP/2 session knows more,
// and is reached through what grpc-js keeps to itself. Where that is not found, the answer is the careful one.

/** The connection of a call that goes on; undefined where it is not found. */
export function sessionOf(call: object): unknown {
  return propertyOf(propertyOf(propertyOf(call, "call"), "stream"), "session");
}

/** True where it cannot be known. */
export function isGone(session: unknown): boolean {
  return propertyOf(session, "destroyed") !== false;
}

function propertyOf(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}
