// Stands in for the app's return page: redeems a completion code as the local user, or shows how the flow ended.
// What ended it stays with this entry of the browser's history, so that a reload and the back button show it again.
// Of a response only the members named here are shown, never a token.

// Each: title and text in English, title and text in Chinese.
const TEXTS = {
  connected: [
    "Connected", "The connection is stored. You can close this page, or go on with the calls on the start page.",
    "已连接", "连接已保存。您可以关闭此页面，或继续使用起始页上的调用。",
  ],
  authorization_denied: [
    "Not connected", "Access was not granted, so nothing is stored. To try again, begin on the start page or in your app.",
    "未连接", "未获得授权，因此没有保存任何内容。如需重试，请从起始页或您的应用重新开始。",
  ],
  session_mismatch: [
    "Not connected", "Another user began this flow, and this page acts as local-user. Nothing is stored. Begin again without the header X-Local-User, or complete the flow on a page of your app.",
    "未连接", "此流程由另一个用户发起，而此页面代表 local-user。没有保存任何内容。请不带请求头 X-Local-User 重新开始，或在您应用的页面上完成流程。",
  ],
  unknown_state: [
    "This link has expired or is not valid", "Too much time has passed, or the flow was finished before. Begin again on the start page or in your app.",
    "此链接已过期或无效", "耗时过长，或此流程此前已经结束。请从起始页或您的应用重新开始。",
  ],
  account_changed: [
    "This is another account", "Access was granted with another account than before. The connection keeps its own account: GET /api/mcp/connections shows both, and POST /api/mcp/oauth/complete takes the decision.",
    "这是另一个账户", "这次授权使用的账户与之前不同。连接仍保留原有账户：GET /api/mcp/connections 会显示两个账户，决定请发送到 POST /api/mcp/oauth/complete。",
  ],
  no_response: [
    "The service does not respond", "Check that local/run is still running. Then begin again on the start page or in your app.",
    "服务没有响应", "请确认 local/run 仍在运行，然后从起始页或您的应用重新开始。",
  ],
  nothing: [
    "Nothing to show", "A flow ends on this page. Begin one on the start page or in your app.",
    "没有可显示的内容", "流程会在此页面结束。请从起始页或您的应用开始一个流程。",
  ],
  other: [
    "Not connected", "The flow could not be finished; the code below says why, and docs/api.md lists all codes. Begin again on the start page or in your app.",
    "未连接", "流程未能完成；原因见下面的错误码，docs/api.zh-CN.md 列有全部错误码。请从起始页或您的应用重新开始。",
  ],
};
const LABELS = {
  connection: "Connection, the server_id of calls · 连接，即调用中的 server_id",
  scope: "Scope · 权限范围",
  expires_in: "The token expires in (seconds) · 令牌有效期（秒）",
  warnings: "Warnings · 警告",
  error: "Error code · 错误码",
};

const show = ({ kind, details }) => {
  const [title, text, titleZh, textZh] = TEXTS[kind] ?? TEXTS.other;
  const put = (id, words) => { document.getElementById(id).textContent = words; };
  put("title", title);
  put("text", text);
  put("title-zh", titleZh);
  put("text-zh", textZh);
  document.getElementById("details").replaceChildren(...Object.entries(details).flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const description = document.createElement("dd");
    const code = document.createElement("code");
    term.textContent = LABELS[name];
    code.textContent = value;
    description.append(code);
    return [term, description];
  }));
};

const EXPLAINED = ["account_changed", "authorization_denied", "session_mismatch", "unknown_state"];
const failed = (error) => ({ kind: EXPLAINED.includes(error) ? error : "other", details: { error } });

const complete = async (code) => {
  const response = await fetch("/api/mcp/oauth/complete", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ completion_code: code }),
  });
  const body = await response.json();
  if (!response.ok) return failed(body.error ?? body.reason ?? body.message);
  const details = { connection: body.server_id, scope: body.scope, expires_in: body.expires_in, warnings: body.warnings?.join(", ") };
  return { kind: "connected", details: Object.fromEntries(Object.entries(details).filter(([, value]) => value)) };
};

const outcome = async (fragment) => {
  if (fragment.has("completion_code")) {
    return complete(fragment.get("completion_code")).catch(() => ({ kind: "no_response", details: {} }));
  }
  if (fragment.get("status") === "connected") {
    return { kind: "connected", details: { connection: fragment.get("connection") } };
  }
  if (fragment.has("error")) return failed(fragment.get("error"));
  return history.state ?? { kind: "nothing", details: {} };
};

const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(history.state, "", location.pathname); // the code leaves the address bar
outcome(fragment).then((ended) => {
  history.replaceState(ended, "", location.pathname);
  show(ended);
});
