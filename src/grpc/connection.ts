// Whether the connection under a call is gone. grpc-js tells only that the call is over; the HTTP/2 session knows more,
// and is reached through what grpc-js keeps to itself. Where that is not found, the answer is the careful one.

/** Asked later, tells whether the connection of this call is lost; true where it cannot be known. */
export function connectionOf(call: object): () => boolean {
  const stream = propertyOf(propertyOf(call, "call"), "stream");
  const session = propertyOf(stream, "session");
  return () => propertyOf(session, "destroyed") !== false;
}

function propertyOf(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}
