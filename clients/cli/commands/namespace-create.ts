// `theseus namespace create`.

import { changeFields } from "../change.js";
import { type Context, requiredArgument } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { checkedNamespace } from "../names.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import { namespaceObject } from "../output/objects.js";
import { withServer } from "../server.js";

export function run(context: Context): Promise<ExitCode> {
  const name = checkedNamespace(requiredArgument(context, 0));
  const { format } = context.globals;
  return withServer(context, async ({ theseus, call }) => {
    const { namespace } = await theseus.createNamespace({ name, ...changeFields(context) }, call);
    const object = {
      apiVersion: API_VERSION,
      kind: "Namespace",
      ...(namespace ? namespaceObject(namespace) : { name }),
    };
    if (isObjectFormat(format)) await printObject(context, object, format);
    else context.io.stdout.write(`created namespace ${name}\n`);
    return EXIT.ok;
  });
}
