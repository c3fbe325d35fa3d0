// What access-resource does by URL with a fresh token, as a plain Node function: it looks the grant up in the index and reads it,
// reads the key ring, opens the token, and makes one MCP request with it.
import { createDecipheriv, hkdfSync } from "node:crypto";
import { BatchGetItemCommand, DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const env = process.env;
const dynamoDb = new DynamoDBClient({});
const secretsManager = new SecretsManagerClient({});
let ring;

export async function handle(event) {
  const { resource_url: url, method } = JSON.parse(event.body);
  const user = event.requestContext.authorizer.jwt.claims.sub;
  const found = await dynamoDb.send(new QueryCommand({
    TableName: env.TOKENS_TABLE,
    IndexName: "byResource",
    ConsistentRead: true,
    KeyConditionExpression: "pk = :pk AND begins_with(resourceKey, :origin)",
    ExpressionAttributeValues: { ":pk": { S: "u#" + user }, ":origin": { S: new URL(url).origin + "/" } },
  }));
  const keys = found.Items.map(({ pk, sk }) => ({ pk, sk }));
  const read = await dynamoDb.send(new BatchGetItemCommand({
    RequestItems: { [env.TOKENS_TABLE]: { Keys: keys, ConsistentRead: true } },
  }));
  const grant = read.Responses[env.TOKENS_TABLE][0];
  if (grant.resource.S !== url) throw new Error("no grant for this URL");
  const response = await fetch(url, {
    method: "POST",
    headers: { ...JSON.parse(env.MCP_HEADERS), authorization: "Bearer " + (await token()) },
    body: JSON.stringify({ ...JSON.parse(env.MCP_MESSAGE), method }),
  });
  const { result } = await response.json();
  return {
    statusCode: response.status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify({ data: result }),
  };
}

async function token() {
  if (!ring) {
    const secret = await secretsManager.send(new GetSecretValueCommand({ SecretId: env.KEY_RING_SECRET }));
    ring = JSON.parse(secret.SecretString);
  }
  const sealed = Buffer.from(env.SEALED_TOKEN, "base64");
  const key = hkdfSync("sha256", ring[ring.current], "", sealed.subarray(0, 32), 32);
  const opening = createDecipheriv("aes-256-gcm", Buffer.from(key), Buffer.alloc(12));
  opening.setAuthTag(sealed.subarray(-16));
  return opening.update(sealed.subarray(32, -16), undefined, "utf8") + opening.final("utf8");
}
