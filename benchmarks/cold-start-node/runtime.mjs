// A loop on Lambda's Runtime API, as short as can be: AWS's own client for Node does the same and more.
import { Agent, request } from "node:http";
import { handle } from "./function.mjs";

const agent = new Agent({ keepAlive: true });
const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/`;

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method, agent, headers: body ? { "content-length": Buffer.byteLength(body) } : {} }, (got) => {
      const chunks = [];
      got.on("data", (chunk) => chunks.push(chunk)).on("end", () => resolve({ headers: got.headers, text: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject).end(body);
  });
}

for (;;) {
  const { headers, text } = await call("GET", "next");
  const id = headers["lambda-runtime-aws-request-id"];
  try {
    await call("POST", `${id}/response`, JSON.stringify(await handle(JSON.parse(text))));
  } catch (error) {
    await call("POST", `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
  }
}
