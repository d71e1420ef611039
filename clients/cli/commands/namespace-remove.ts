// `theseus namespace remove`: only an empty one, and only after a yes.

import { changeFields } from "../change.js";
import { confirm } from "../confirm.js";
import { type Context, requiredArgument } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { checkedNamespace } from "../names.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import { withServer } from "../server.js";

export function run(context: Context): Promise<ExitCode> {
  const name = checkedNamespace(requiredArgument(context, 0));
  const { format } = context.globals;
  return withServer(context, async ({ theseus, call }) => {
    await theseus.getNamespace({ name }, call);
    await confirm(context, [`removes namespace ${name}`]);
    const { revision } = await theseus.removeNamespace({ name, ...changeFields(context) }, call);
    const object = { apiVersion: API_VERSION, kind: "Namespace", name, removed: true, revision: String(revision) };
    if (isObjectFormat(format)) await printObject(context, object, format);
    else context.io.stdout.write(`removed namespace ${name}\n`);
    return EXIT.ok;
  });
}
